/*
 * roles: see roles.h.
 */
#include "mkmedia/roles.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/name.h"
#include "verify/input.h"
#include "verify/signer.h"

/* The id becomes a file name in the home, beside the ledger's own key. */
static enum err
take_id(struct roles_key *k, const char *file, struct fault *f)
{
	const char *slash = strrchr(file, '/'), *name = slash == NULL ? file : slash + 1;
	size_t len = strlen(name);

	if (len > 4 && strcmp(name + len - 4, ".pub") == 0)
		len -= 4;
	if (len <= LIMIT_KEY_ID)
		(void)snprintf(k->id, sizeof(k->id), "%.*s", (int)len, name);
	if (len > LIMIT_KEY_ID || !name_release_ok(k->id) || strcmp(k->id, "ledger") == 0)
		return err_fault(f, ERR_USAGE, "%s: the name of the file becomes the name of the "
		    "key: 1 to %u letters, digits, \".\", \"_\", \"-\", and not \"ledger\"", file,
		    LIMIT_KEY_ID);
	return OK;
}

enum err
roles_key(struct roles *r, enum trust_role role, const char *file, struct fault *f)
{
	struct roles_key *k = &r->key[r->count];
	enum err e;

	if (r->count == LIMIT_TRUST_KEYS)
		return err_fault(f, ERR_USAGE, "more than %u keys", LIMIT_TRUST_KEYS);
	if (signer_public(file, &k->key, k->holder, sizeof(k->holder), f) != OK)
		return input_refuse(f, "--role");
	if ((e = take_id(k, file, f)) != OK)
		return e;
	if (*k->holder == '\0')
		memcpy(k->holder, k->id, sizeof(k->id));
	if (input_text("role", k->holder, f) != OK)
		return err_fault(f, ERR_USAGE, "%s: its comment should name the holder, and is "
		    "not plain text", file);
	k->role = role;
	r->count++;
	return OK;
}

/* What stands in front of the files: "ROLE:THRESHOLD=", ${len} bytes. */
static enum err
take_head(struct roles *r, const char *text, size_t len, enum trust_role *role, struct fault *f)
{
	char name[16] = "", digits[3] = "";
	int end = 0;

	*role = ROLE_COUNT;
	if (sscanf(text, "%15[a-z]:%2[0-9]=%n", name, digits, &end) != 2 || (size_t)end != len)
		return err_fault(f, ERR_USAGE,
		    "--role %s: ROLE:THRESHOLD=KEY.pub,KEY.pub is needed", text);
	*role = trust_role_from_name(name);
	if (*role == ROLE_COUNT)
		return err_fault(f, ERR_USAGE,
		    "--role %s: the roles are trust, release, seal and notice", text);
	if (r->threshold[*role] != 0)
		return err_fault(f, ERR_USAGE, "--role %s is given twice", name);
	r->threshold[*role] = (unsigned)strtoul(digits, NULL, 10);
	if (r->threshold[*role] == 0)
		return err_fault(f, ERR_USAGE, "--role %s: the threshold is 1 or more", text);
	return OK;
}

enum err
roles_option(struct roles *r, const char *text, struct fault *f)
{
	size_t head = strcspn(text, "="), len;
	const char *at = text + head;
	enum trust_role role;
	char file[PATH_MAX];
	enum err e;

	head += *at == '=';
	if ((e = take_head(r, text, head, &role, f)) != OK)
		return e;
	for (at = text + head; e == OK; at += len + 1) {
		len = strcspn(at, ",");
		if (len == 0 || len >= sizeof(file))
			return err_fault(f, ERR_USAGE, "--role %s: a key file has no name", text);
		memcpy(file, at, len);
		file[len] = '\0';
		e = roles_key(r, role, file, f);
		if (at[len] == '\0')
			break;
	}
	return e;
}

static void
print_role(const struct roles *r, enum trust_role role, struct json_writer *w)
{
	size_t i;

	json_open_object(w, trust_role_name(role));
	json_put_uint(w, "threshold", r->threshold[role]);
	json_open_array(w, "keys");
	for (i = 0; i < r->count; i++)
		if (r->key[i].role == role)
			json_put_string(w, NULL, r->key[i].id);
	json_close(w);
	json_close(w);
}

void
roles_print(const struct roles *r, struct json_writer *w)
{
	char line[SSHSIG_LINE];
	enum trust_role role;
	size_t i;

	json_open_array(w, "keys");
	for (i = 0; i < r->count; i++) {
		sshsig_key_print(&r->key[i].key, line);
		json_open_object(w, NULL);
		json_put_string(w, "id", r->key[i].id);
		json_put_string(w, "holder", r->key[i].holder);
		json_put_string(w, "key", line);
		json_close(w);
	}
	json_close(w);
	json_open_object(w, "roles");
	for (role = ROLE_TRUST; role < ROLE_COUNT; role++)
		print_role(r, role, w);
	json_close(w);
}
