/* Every test that is linked with this room looks at what it wrote: after each swr_write(),
 * swr_finish() and swr_allocate() that returned SWR_OK, the file is opened through the public door,
 * verified, and compared with what the writer was told and what its source delivered: region, pixel
 * type, geometry, metadata, encoding, and each pixel, those that the write had to leave alone too.
 * After one that failed, the file is as it was.
 *
 * The linker does it (--wrap), so tests call the interface as users do. A check that fails prints
 * why, and the program ends with an exit code that is not zero. */
#ifndef SWR_TESTS_CHECKED_H
#define SWR_TESTS_CHECKED_H

#ifdef __cplusplus
extern "C" {
#endif

/* From here to checks_on(), or to the end of a test of run_all_tests(): nothing is checked, for
 * files that cannot be read afterwards. */
void checks_off(const char* why);
/* The same, but what the source delivered is compared: others write other regions of the file
 * meanwhile. */
void checks_own_pixels_only(const char* why);
void checks_on(void);

/* How many checks have failed in this process since the last call. Then the program does not end
 * with a failure: the test was for them. */
int failed_checks(void);

#ifdef __cplusplus
}
#endif
#endif
