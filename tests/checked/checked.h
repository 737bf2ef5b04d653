/* Checks the writes of every test that is linked with this library. After each swr_write(),
 * swr_finish() and swr_allocate() that returned SWR_OK, the file is opened through the public
 * interface, verified, and compared with the settings and with what the source delivered: region,
 * pixel type, geometry, metadata, encoding, and each pixel, including those that the write had to
 * leave unchanged. After a failed call, the file must be as it was.
 *
 * The linker inserts the checks (--wrap), so tests call the interface as users do. A failed check
 * prints the reason, and the program ends with a nonzero exit code. */
#ifndef SWR_TESTS_CHECKED_H
#define SWR_TESTS_CHECKED_H

#ifdef __cplusplus
extern "C" {
#endif

/* From here to checks_on(), or to the end of a test of run_all_tests(): nothing is checked, for
 * files that cannot be read afterwards. */
void checks_off(const char* why);
/* The same, but what the source delivered is compared: other writers change other regions of the
 * file at the same time. */
void checks_own_pixels_only(const char* why);
void checks_on(void);

/* The number of checks that failed in this process since the last call. They do not make the
 * program fail: the test expected them. */
int failed_checks(void);

#ifdef __cplusplus
}
#endif
#endif
