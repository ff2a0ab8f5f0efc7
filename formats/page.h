/*
 * page: plain text to be printed: 72 columns, everything escaped.
 */
#ifndef FORMATS_PAGE_H
#define FORMATS_PAGE_H

#include "formats/err.h"

#define PAGE_WIDTH 72

/*
 * A page that is being written.  Errors, also of page_new(), stick until page_finish(): all calls
 * take a page that is NULL.
 */
struct page;
struct page *page_new(void);

/* ${text} at the margin, wrapped. */
void page_line(struct page *p, const char *text);
/* "Title        text", wrapped under itself; nothing when ${text} is empty. */
void page_row(struct page *p, const char *title, const char *text);
void page_number(struct page *p, const char *title, uint64_t number);
/* An empty line, the title, and the lines of ${text}, indented and wrapped; nothing when it is
 * empty. */
void page_block(struct page *p, const char *title, const char *text);

/* On OK the caller frees *${text}, which is ${len} bytes and a NUL.  ${p} is freed in any case. */
enum err page_finish(struct page *p, char **text, size_t *len) MUST_USE;

#endif
