/* Two processes create the same image at the same moment with SWR_EXISTING_FAIL: one succeeds, the
 * other one gets SWR_ERROR_EXISTS. */
#define _DEFAULT_SOURCE
#include "checked/checked.h"
#include "meeting.h"

enum { rounds = 300 };

static void run_rounds(const char* path, int compressed, int count, int files) {
  checks_off("two writes are under way");
  meeting* m = meeting_new();
  for (int round = 0; round < count; ++round) {
    clear_folder();
    for (int i = 0; i < 2; ++i)
      m->changes[i] = (change){.kind = CREATE, .number = i, .path = path, .compressed = compressed};
    m->delays[1] = round % 4 == 0 ? (unsigned)round : 0;
    meet_in_processes(m);
    const int winner = m->statuses[0] == SWR_OK ? 0 : 1, loser = 1 - winner;
    if (m->statuses[winner] != SWR_OK || m->statuses[loser] != SWR_ERROR_EXISTS) {
      fail_msg("round %d of %s: %s (%s) and %s (%s)", round, path, swr_status_name(m->statuses[0]),
               m->words[0], swr_status_name(m->statuses[1]), m->words[1]);
    }
    assert_says(m->words[loser], "image");
    volume made = image_before();
    apply_change(&m->changes[winner], &made);
    if (!file_holds(path, &made)) fail_msg("round %d of %s: another image is there", round, path);
    assert_file_count(files);
  }
  meeting_free(m);
}

static void second_creator_of_one_file_is_told_that_it_exists(void** state) {
  (void)state;
  run_rounds("image.mha", 0, rounds, 1);
  run_rounds("image.nii.gz", 1, rounds, 1);
}

static void second_creator_of_two_files_is_told_that_they_exist(void** state) {
  (void)state;
  run_rounds("image.mhd", 0, rounds, 2);
  run_rounds("image.nhdr", 1, rounds, 2);
}

static void second_creator_of_chunks_is_told_that_they_exist(void** state) {
  (void)state;
  if (!swr_format_suffixes("Chunks")) return; /* see chunks/ */
  run_rounds("image.chunks", 0, rounds / 8, 2);
  run_rounds("image.boxes", 0, rounds / 8, 1);
}

int main(void) {
  TEST(second_creator_of_one_file_is_told_that_it_exists);
  TEST(second_creator_of_two_files_is_told_that_they_exist);
  TEST(second_creator_of_chunks_is_told_that_they_exist);
  return run_all_tests("two creators of one image");
}
