/*
 * time: RFC 3339 instants.  The calendar is computed here because libc's gmtime and timegm may read
 * time zone files; nothing here reads a clock.
 */
#include "formats/time.h"

#include <stdio.h>
#include <string.h>

#define DAY INT64_C(86400)
#define LAST_SECOND INT64_C(253402300799)	/* 9999-12-31T23:59:59Z */
#define LAST_OFFSET (23 * 60 + 59)

struct calendar {
	int year, month, day, hour, minute, second;
};

static bool
is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 0000-01-01 to January 1 of ${year}, in the Gregorian calendar. */
static int64_t
days_before_year(int year)
{
	int past = year - 1;

	return year == 0 ? 0 : 366 + 365 * (int64_t)past + past / 4 - past / 100 + past / 400;
}

static int64_t
to_seconds(const struct calendar *c)
{
	int64_t days = days_before_year(c->year) - days_before_year(1970) + c->day - 1;

	for (int month = 1; month < c->month; month++)
		days += days_in_month(c->year, month);
	return days * DAY + c->hour * 3600 + c->minute * 60 + c->second;
}

/* The inverse, for the years 0 to 9999. */
static struct calendar
from_seconds(int64_t seconds)
{
	int64_t since_zero = seconds + days_before_year(1970) * DAY;
	int64_t days = since_zero / DAY;
	int rest = (int)(since_zero % DAY);
	struct calendar c = { (int)(days / 366), 1, 1, rest / 3600, rest / 60 % 60, rest % 60 };

	/* A year has at most 366 days, so that the first guess is never too late. */
	while (days_before_year(c.year + 1) <= days)
		c.year++;
	days -= days_before_year(c.year);
	while (days >= days_in_month(c.year, c.month))
		days -= days_in_month(c.year, c.month++);
	c.day += (int)days;
	return c;
}

/* ${n} decimal digits at ${s} into ${out}; the text may end before them. */
static bool
digits(const char *s, int n, int *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		*out = *out * 10 + (s[i] - '0');
	}
	return true;
}

/* RFC 3339 section 5.6 "full-date T partial-time", 19 characters, without fractions. */
static bool
parse_calendar(const char *s, struct calendar *c)
{
	return digits(s, 4, &c->year) && s[4] == '-' && digits(s + 5, 2, &c->month) &&
	    s[7] == '-' && digits(s + 8, 2, &c->day) &&
	    s[10] == 'T' && digits(s + 11, 2, &c->hour) &&
	    s[13] == ':' && digits(s + 14, 2, &c->minute) && s[16] == ':' &&
	    digits(s + 17, 2, &c->second) && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	    c->day <= days_in_month(c->year, c->month) && c->hour <= 23 && c->minute <= 59 &&
	    c->second <= 59;
}

/* "Z" or a numeric offset, to the end of the text; "-00:00" means an unknown offset. */
static bool
parse_offset(const char *s, int16_t *out)
{
	int hours, minutes;

	*out = 0;
	if (strcmp(s, "Z") == 0)
		return true;
	if ((s[0] != '+' && s[0] != '-') || !digits(s + 1, 2, &hours) || s[3] != ':' ||
	    !digits(s + 4, 2, &minutes) || s[6] != '\0' || hours > 23 || minutes > 59)
		return false;
	if (s[0] == '-' && hours == 0 && minutes == 0)
		return false;
	*out = (int16_t)((hours * 60 + minutes) * (s[0] == '-' ? -1 : 1));
	return true;
}

enum err
time_parse(const char *s, struct moment *out)
{
	struct calendar c;
	struct moment m;

	if (!parse_calendar(s, &c) || !parse_offset(s + 19, &m.offset))
		return ERR_JSON_VALUE;
	m.seconds = to_seconds(&c) - m.offset * 60;
	if (m.seconds < 0 || m.seconds > LAST_SECOND)
		return ERR_JSON_VALUE;
	*out = m;
	return OK;
}

/* The calendar of ${m} where it was written, and its offset as text. */
static struct calendar
local(struct moment m, char offset[static 7])
{
	int64_t seconds = m.seconds < 0 ? 0 : m.seconds > LAST_SECOND ? LAST_SECOND : m.seconds;
	int minutes = m.offset;

	/* What no text can say is shown in UTC. */
	if (minutes < -LAST_OFFSET || minutes > LAST_OFFSET || seconds + minutes * 60 > LAST_SECOND)
		minutes = 0;
	if (minutes == 0)
		memcpy(offset, "Z", 2);
	else
		snprintf(offset, 7, "%c%02u:%02u", minutes < 0 ? '-' : '+',
		    (unsigned)(minutes < 0 ? -minutes : minutes) / 60 % 24,
		    (unsigned)(minutes < 0 ? -minutes : minutes) % 60);
	return from_seconds(seconds + minutes * 60);
}

void
time_print(struct moment m, char out[static TIME_TEXT])
{
	char offset[7];
	struct calendar c = local(m, offset);

	snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%s", c.year, c.month, c.day, c.hour,
	    c.minute, c.second, offset);
}

void
time_print_short(struct moment m, char out[static TIME_TEXT])
{
	char offset[7];
	struct calendar c = local(m, offset);

	snprintf(out, TIME_TEXT, "%04d-%02d-%02d %02d:%02d %s", c.year, c.month, c.day, c.hour,
	    c.minute, offset);
}
