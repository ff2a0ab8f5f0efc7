/*
 * sanitized: 1 where AddressSanitizer is built in, which gcc and clang say differently, else 0.
 */
#ifndef FORMATS_SANITIZED_H
#define FORMATS_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

#endif
