/* Help, errors and exit codes: what holds for every command. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

static const char* const commands[] = {"info",    "copy",   "paste",    "extend",  "make",
                                       "redact",  "verify", "recover",  "formats", "preview",
                                       "compare", "stack",  "describe", "stats",   "help"};
enum { command_count = sizeof commands / sizeof commands[0] };

static void small_file(const char* path) {
  swr_ok("make %s --size 6,5,4 --type uint16 --pattern noise --quiet", path);
}

static void help_lists_every_command(void** state) {
  (void)state;
  char* help = swr_output("--help");
  for (int i = 0; i < command_count; ++i) {
    char line[32];
    snprintf(line, sizeof line, "\n  %s ", commands[i]);
    assert_has(help, line);
  }
  free(help);
}

static void help_of_a_command_shows_its_options(void** state) {
  (void)state;
  const char* const options[][3] = {
      {"info", "FILE", "--json"},           {"copy", "--region", "--compress"},
      {"paste", "--at", "--no-rollback"},   {"extend", "--size", "--dry-run"},
      {"make", "--pattern", "--existing"},  {"redact", "--region", "--fill"},
      {"describe", "--as", "--big-endian"}, {"verify", "FILE", "--json"},
      {"recover", "FILE", "--json"},        {"formats", "--json", "--help"},
      {"preview", "OUT", "--edge"},         {"compare", "--memory", "--json"},
      {"stack", "--axis", "--step"},        {"stats", "--bins", "--region"},
      {"help", "COMMAND", "--as"},
  };
  for (int i = 0; i < command_count; ++i) {
    char* help = swr_output("%s --help", options[i][0]);
    assert_has(help, options[i][1]);
    assert_has(help, options[i][2]);
    free(help);
  }
}

static void version_is_the_library_s(void** state) {
  (void)state;
  char* out = swr_output("--version");
  assert_has(out, swr_version());
  free(out);
}

static void command_line_without_sense_exits_with_64(void** state) {
  (void)state;
  small_file("image.mha");
  swr_fails(64, "no option '--quietly'", "--quietly");
  swr_fails(64, "no command 'turn'", "turn image.mha");
  swr_fails(64, "no command 'turn'", "turn --help-me");
  swr_fails(64, "FILE", "info");
  swr_fails(64, "--shout", "info image.mha --shout");
  swr_fails(64, "OUT", "copy image.mha");
  swr_fails(64, "--size", "make out.mha");
}

/* Every message begins with the command's name, and says what is missing or too much. */
static void message_about_the_command_line_says_what_to_do(void** state) {
  (void)state;
  small_file("image.mha");
  const struct {
    const char *words, *message;
  } lines[] = {
      {"", "swr: a command is missing; 'swr --help' lists the commands\n"},
      {"info", "swr: info: FILE is missing\nUsage: swr info [options] FILE...\n"},
      {"copy image.mha", "swr: copy: OUT is missing\nUsage: swr copy [options] IN OUT\n"},
      {"copy a b c", "swr: copy: 'c' is one argument too many\n"},
      {"make out.mha", "swr: make: --size is missing\nUsage: swr make [options] OUT --size SIZE\n"},
      {"make out.mha --size", "swr: make: --size needs a value\n"},
      {"copy --regoin", "swr: copy has no option '--regoin'; did you mean '--region'?\n"},
      {"copy --memory=1M --thread=2",
       "swr: copy has no option '--thread'; did you mean '--threads'"},
      {"info image.mha --shout", "swr: info has no option '--shout'; 'swr help info' lists them\n"},
      {"info image.mha -x", "swr: info has no option '-x'"},
      {"-q info", "swr: there is no option '-q' before a command; options follow it"},
      {"make o.mha --size 4 --threads x", "swr: make: --threads: \"x\" is not a whole number\n"},
      {"make o.mha --size 4 --threads -1", "\"-1\" is not a whole number from 0 on\n"},
      {"stats image.mha --bins 0", "\"0\" is not a whole number from 1 to 65536\n"},
      {"redact image.mha --fill red", "swr: redact: --fill: \"red\" is not a number\n"},
      {"copy a b --memory 1M --memory 2M", "swr: copy: --memory is repeated\n"},
      {"paste a b --fill 1", "swr: paste: --fill requires --extend\n"},
      {"stack a", "swr: stack: too few arguments\nUsage: swr stack [options] FILE... OUT\n"},
  };
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; ++i) {
    outcome o = swr_run("%s", lines[i].words);
    assert_int_equal(o.code, 64);
    assert_has(o.err, lines[i].message);
    assert_int_equal(strncmp(o.err, "swr: ", 5), 0);
    assert_string_equal(o.out, "");
    outcome_free(&o);
  }
}

static void argument_that_cannot_be_read_is_named(void** state) {
  (void)state;
  small_file("image.mha");
  snapshot* before = snapshot_take();
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0,0");
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0,0:1,1");
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0,0:1,1,0");
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0,x:1,1,1");
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,,0:1,1,1");
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0,99999999999999999999:1,1,1");
  swr_fails(64, "--memory", "copy image.mha out.mha --memory lots");
  swr_fails(64, "--memory", "copy image.mha out.mha --memory 0");
  swr_fails(64, "--memory", "copy image.mha out.mha --memory 9999999999T");
  swr_fails(64, "--compress", "copy image.mha out.mha --compress deflate:10");
  swr_fails(64, "--compress", "copy image.mha out.mha --compress none:1");
  swr_fails(64, "--compress", "copy image.mha out.mha --compress tight");
  swr_fails(64, "--type", "copy image.mha out.mha --type float");
  swr_fails(64, "--convert", "copy image.mha out.mha --type int8 --convert roughly");
  swr_fails(64, "--existing", "copy image.mha out.mha --existing keep");
  swr_fails(64, "--option", "copy image.mha out.mha --option erase");
  swr_fails(64, "--divisions", "copy image.mha out.mha --divisions -3");
  swr_fails(64, "--pattern", "make out.mha --size 4,4 --pattern plaid");
  swr_fails(64, "--size", "make out.mha --size 4,4,");
  swr_fails(64, "--size", "make out.mha --size 1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1");
  swr_fails(64, "--spacing", "make out.mha --size 4,4 --spacing 1,two");
  swr_fails(64, "--fill", "redact image.mha --region 0,0,0:1,1,1 --fill white");
  assert_unchanged(before);
  snapshot_free(before);
}

static void list_of_another_length_than_the_image_has_axes_exits_with_64(void** state) {
  (void)state;
  small_file("image.mha");
  small_file("other.mha");
  snapshot* before = snapshot_take();
  swr_fails(64, "--region", "copy image.mha out.mha --region 0,0:1,1");
  swr_fails(64, "--at", "paste image.mha other.mha --at 0,0");
  swr_fails(64, "--size", "extend image.mha --size 9,9");
  swr_fails(64, "--index", "extend image.mha --size 9,9,9 --index 0,0");
  swr_fails(64, "--region", "redact image.mha --region 0,0,0,0:1,1,1,1");
  swr_fails(64, "--origin", "make out.mha --size 4,4 --origin 1,2,3");
  assert_unchanged(before);
  snapshot_free(before);
}

static void missing_file_exits_with_its_status(void** state) {
  (void)state;
  small_file("image.mha");
  const char* const lines[] = {"info gone.mha",
                               "verify gone.mha",
                               "copy gone.mha out.mha",
                               "paste gone.mha image.mha",
                               "paste image.mha gone.mha",
                               "extend gone.mha --size 1",
                               "redact gone.mha --region 0:1",
                               "preview gone.mha out.png",
                               "recover gone.mha",
                               "compare gone.mha image.mha",
                               "compare image.mha gone.mha"};
  snapshot* before = snapshot_take();
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; ++i) {
    swr_fails(SWR_ERROR_NOT_FOUND, "gone.mha", "%s", lines[i]);
    swr_fails(SWR_ERROR_NOT_FOUND, "(ERROR_NOT_FOUND)", "%s", lines[i]);
  }
  assert_unchanged(before);
  snapshot_free(before);
}

static void message_begins_with_the_name_and_ends_in_the_status(void** state) {
  (void)state;
  outcome o = swr_run("info gone.mha");
  assert_int_equal(strncmp(o.err, "swr: ", 5), 0);
  const char* end = strstr(o.err, " (ERROR_NOT_FOUND)\n");
  assert_non_null(end);
  assert_string_equal(end, " (ERROR_NOT_FOUND)\n");
  outcome_free(&o);
}

static void file_that_is_no_image_is_refused(void** state) {
  (void)state;
  save_file("letter.txt", "Dear Sir or Madam", 17);
  swr_fails(SWR_ERROR_FORMAT, "letter.txt", "info letter.txt");
  swr_fails(SWR_ERROR_FORMAT, "(ERROR_FORMAT)", "make out.xyz --size 4,4");
  swr_fails(SWR_ERROR_FORMAT, "(ERROR_FORMAT)", "make out.mha --size 4,4 --format Betamax");
  assert_file_count(1);
}

static void existing_fail_leaves_the_file(void** state) {
  (void)state;
  small_file("image.mha");
  small_file("out.mha");
  snapshot* before = snapshot_take();
  swr_fails(SWR_ERROR_EXISTS, "out.mha", "copy image.mha out.mha --existing fail");
  swr_fails(SWR_ERROR_EXISTS, "(ERROR_EXISTS)", "make out.mha --size 4,4 --existing fail");
  assert_unchanged(before);
  snapshot_free(before);
  swr_ok("make new.mha --size 4,4 --existing fail");
}

static void limit_that_the_divisions_do_not_fit_is_refused(void** state) {
  (void)state;
  swr_fails(SWR_ERROR_MEMORY_LIMIT, "(ERROR_MEMORY_LIMIT)",
            "make out.mha --size 512,512,64 --divisions 1 --memory 2M");
  assert_file_count(0);
  swr_ok("make out.mha --size 512,512,64 --divisions 64 --memory 2M");
}

static void unknown_library_option_is_refused(void** state) {
  (void)state;
  swr_fails(SWR_ERROR_ARGUMENT, "deflate.hat", "make out.mha --size 4,4 --option deflate.hat=top");
  swr_ok("make out.nii.gz --size 4,4 --option deflate.slot=8192 --option deflate.slack=10");
}

static void output_that_cannot_be_printed_is_an_error(void** state) {
  (void)state;
  const int full = open("/dev/full", O_WRONLY);
  assert_true(full >= 0);
  fflush(stdout);
  const int kept = dup(STDOUT_FILENO);
  dup2(full, STDOUT_FILENO);
  const pid_t process = swr_start(-1, "formats");
  dup2(kept, STDOUT_FILENO);
  close(kept);
  close(full);
  assert_int_equal(swr_wait(process), SWR_ERROR_IO);
}

/* docs/command.md's table of exit codes is the library's table of statuses. */
static void manual_lists_every_status(void** state) {
  (void)state;
  int64_t bytes = 0;
  char* manual = (char*)load_file(SWR_COMMAND_MANUAL, &bytes);
  assert_non_null(manual);
  manual = realloc(manual, (size_t)bytes + 1);
  manual[bytes] = '\0';
  char row[256];
#define CHECK_ROW(number, name, sentence)                                 \
  snprintf(row, sizeof row, "\n| %d | %s | %s", number, #name, sentence); \
  assert_has(manual, row);
  SWR_STATUS_MAP(CHECK_ROW)
#undef CHECK_ROW
  for (int i = 0; i < command_count; ++i) {
    snprintf(row, sizeof row, "\n### `swr %s", commands[i]);
    assert_has(manual, row);
  }
  free(manual);
}

/* Help text, manual page and docs/command.md have the same arguments. */
static void arguments_of_a_command_are_the_same_everywhere(void** state) {
  (void)state;
  int64_t bytes = 0;
  char* guide = (char*)load_file(SWR_COMMAND_MANUAL, &bytes);
  guide = realloc(guide, (size_t)bytes + 1);
  guide[bytes] = '\0';
  char* page = swr_output("help --as man");
  for (int i = 0; i < command_count; ++i) {
    char* help = swr_output("help %s", commands[i]);
    char words[256] = "", line[512], section[64];
    assert_non_null(strstr(help, "\nUsage: "));
    assert_int_equal(sscanf(strstr(help, "\nUsage: "), "\nUsage: %255[^\n]", words), 1);
    snprintf(section, sizeof section, "\n.SS %s\n", commands[i]);
    const char* at = strstr(page, section);
    assert_non_null(at);
    char* to = line; /* the line without requests for fonts */
    for (at += strlen(section); *at != '\n'; ++at) {
      if (strncmp(at, "\\f", 2) == 0) at += 3;
      if (*at == '\n') break;
      if (*at != '\\') *to++ = *at;
    }
    *to = '\0';
    assert_string_equal(line, words);
    /* Docs name single options instead. */
    char* all = strstr(words, " [options]");
    assert_non_null(all);
    memmove(all, all + 10, strlen(all + 10) + 1);
    snprintf(line, sizeof line, "\n### `%s", words);
    assert_has(guide, line);
    free(help);
  }
  free(page);
  free(guide);
}

static void help_lists_every_exit_code(void** state) {
  (void)state;
  char *help = swr_output("help"), row[256];
#define CHECK_ROW(number, name, sentence)                                \
  snprintf(row, sizeof row, "\n  %-5d %s: %s", number, #name, sentence); \
  assert_has(help, row);
  SWR_STATUS_MAP(CHECK_ROW)
#undef CHECK_ROW
  assert_has(help, "\n  64    the command line is invalid");
  assert_has(help, "swr compare: images differ");
  free(help);
}

/* As a daemon or `ssh -n` may run it. */
static int run_in_shell(const char* words) {
#ifdef _WIN32
  skip(); /* that of Windows closes no streams */
#endif
  char line[1024];
  snprintf(line, sizeof line, "%s %s", SWR_COMMAND, words);
  const int status = system(line);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void closed_standard_streams_are_errors_where_they_are_used(void** state) {
  (void)state;
  assert_int_equal(
      run_in_shell("make closed.mha --size 60,50,40 --type uint16 --quiet <&- >&- 2>&-"), SWR_OK);
  swr_ok("verify closed.mha");
  assert_int_equal(run_in_shell("info closed.mha <&- >&- 2>&-"), SWR_ERROR_IO);
}

static void limit_of_the_shell_on_file_sizes_is_an_error_with_a_message(void** state) {
  (void)state;
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  small_file("small.mha");
  swr_ok("copy small.mha limited.mha --quiet");
  const struct rlimit small = {100000, limit.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  swr_fails(SWR_ERROR_IO, "File too large", "make limited.mha --size 60,50,40 --type uint16 -q");
  swr_fails(SWR_ERROR_IO, "File too large", "extend limited.mha --size 6,5,4000 --quiet");
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  swr_ok("verify limited.mha");
  char* info = swr_output("info limited.mha");
  assert_has(info, "6 x 5 x 4");
  free(info);
}

/* The message tells the limit in bytes. */
static void sizes_have_units_of_1024(void** state) {
  (void)state;
  const char* const sizes[] = {"3145728", "3072K", "3M", "3MiB", "3072KiB"};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i)
    swr_fails(SWR_ERROR_MEMORY_LIMIT, "the limit is 3145728",
              "make out.mha --size 512,512,64 --divisions 1 --memory %s", sizes[i]);
  swr_fails(SWR_ERROR_MEMORY_LIMIT, "the limit is 2147483648",
            "make out.mha --size 65536,65536 --divisions 1 --memory 2G");
  swr_fails(SWR_ERROR_MEMORY_LIMIT, "the limit is 1099511627776",
            "make out.mha --size 2000000,2000000 --divisions 1 --memory 1T");
  swr_fails(64, "--memory", "make out.mha --size 9,9 --memory 3X");
  assert_file_count(0);
}

int main(void) {
  TEST(help_lists_every_command);
  TEST(help_of_a_command_shows_its_options);
  TEST(version_is_the_library_s);
  TEST(command_line_without_sense_exits_with_64);
  TEST(message_about_the_command_line_says_what_to_do);
  TEST(argument_that_cannot_be_read_is_named);
  TEST(list_of_another_length_than_the_image_has_axes_exits_with_64);
  TEST(missing_file_exits_with_its_status);
  TEST(message_begins_with_the_name_and_ends_in_the_status);
  TEST(file_that_is_no_image_is_refused);
  TEST(existing_fail_leaves_the_file);
  TEST(limit_that_the_divisions_do_not_fit_is_refused);
  TEST(sizes_have_units_of_1024);
  TEST(unknown_library_option_is_refused);
  TEST(output_that_cannot_be_printed_is_an_error);
  TEST(manual_lists_every_status);
  TEST(arguments_of_a_command_are_the_same_everywhere);
  TEST(help_lists_every_exit_code);
  TEST(closed_standard_streams_are_errors_where_they_are_used);
  TEST(limit_of_the_shell_on_file_sizes_is_an_error_with_a_message);
  return run_all_tests("the command line");
}
