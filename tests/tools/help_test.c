/* swr help: the text of a command, the manual page, and what shells complete. */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "command.h"

static void help_of_a_command_is_its_help_text(void** state) {
  (void)state;
  char *help = swr_output("help copy"), *flag = swr_output("copy --help");
  assert_string_equal(help, flag);
  free(help);
  free(flag);
  help = swr_output("help");
  flag = swr_output("--help");
  assert_string_equal(help, flag);
  free(help);
  free(flag);
}

static void unknown_command_is_named_with_the_nearest_one(void** state) {
  (void)state;
  swr_fails(64, "no command 'inof'; did you mean 'info'?", "inof image.mha");
  swr_fails(64, "no command 'cpoy'; did you mean 'copy'?", "help cpoy");
  swr_fails(64, "no command 'Verify'; did you mean 'verify'?", "Verify image.mha");
  swr_fails(64, "no command 'foo'; 'swr --help' lists the commands", "foo");
  swr_fails(64, "--as", "help --as html");
}

/* Calls see(command, option, state) for each long option in the help texts of all commands. */
static void for_each_option(void (*see)(const char* command, const char* option, const char* in),
                            const char* in) {
  char* all = swr_output("--help");
  char* list = strstr(all, "Commands:");
  assert_non_null(list);
  int commands = 0, options = 0;
  char* rest = NULL;
  strtok_r(list, "\n", &rest);
  for (char* line; (line = strtok_r(NULL, "\n", &rest)) && strncmp(line, "  ", 2) == 0;) {
    char name[32];
    if (line[2] == ' ' || sscanf(line, "  %31s", name) != 1) continue;
    ++commands;
    char* help = swr_output("help %s", name);
    for (const char* at = help; (at = strstr(at, "--"));) {
      char option[32] = "";
      /* An option begins a line, or comes after its letter. */
      const int begins = at - help >= 3 && (strncmp(at - 3, "\n  ", 3) == 0 || at[-1] == ',');
      const size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");
      if (begins && length > 2 && length < sizeof option) {
        memcpy(option, at, length);
        option[length] = '\0';
        see(name, option, in);
        ++options;
      }
      at += length;
    }
    free(help);
  }
  free(all);
  assert_true(commands >= 15);
  assert_true(options > 4 * commands);
}

static void see_in_manual(const char* command, const char* option, const char* manual) {
  char section[64], name[64] = "\\fB";
  snprintf(section, sizeof section, "\n.SS %s\n", command);
  const char* at = strstr(manual, section);
  assert_non_null(at);
  const char* end = strstr(at + 1, "\n.SS ");
  for (const char* letter = option; *letter; ++letter)
    strncat(name, *letter == '-' ? "\\-" : (char[]){*letter, 0}, sizeof name - strlen(name) - 1);
  strcat(name, "\\fR");
  at = strstr(at, name);
  if (!at || (end && at > end)) print_error("the manual has no %s of %s\n", option, command);
  assert_true(at && (!end || at < end));
}

static void manual_page_has_every_option(void** state) {
  (void)state;
  char* manual = swr_output("help --as man");
  for_each_option(see_in_manual, manual);
#define CHECK_STATUS(number, name, sentence) assert_has(manual, "\n" #name ": ");
  SWR_STATUS_MAP(CHECK_STATUS)
#undef CHECK_STATUS
  save_file("swr.1", manual, (int64_t)strlen(manual));
  free(manual);
  /* groff warns of what it does not understand. */
  assert_int_equal(system("groff -man -Tutf8 -ww -z swr.1 > warnings 2>&1 && test ! -s warnings"),
                   0);
}

/* What bash completes after the words; the last one is being typed. */
static void assert_completes(const char* words, const char* expected) {
  char line[2048];
  int count = 0;
  for (const char* at = words; *at; ++at) count += *at == ' ';
  snprintf(line, sizeof line,
           "bash -c 'source ./swr.bash; COMP_WORDS=(%s \"\"); COMP_CWORD=%d; _swr; "
           "echo \" ${COMPREPLY[*]} \"' > completed 2>&1",
           words, count);
  assert_int_equal(system(line), 0);
  int64_t bytes = 0;
  char* text = (char*)load_file("completed", &bytes);
  text = realloc(text, (size_t)bytes + 1);
  text[bytes] = '\0';
  assert_has(text, expected);
  free(text);
}

static void see_completed(const char* command, const char* option, const char* unused) {
  (void)unused;
  char words[80], expected[64];
  snprintf(words, sizeof words, "swr %s --", command);
  snprintf(expected, sizeof expected, " %s ", option);
  assert_completes(words, expected);
}

static void bash_completes_commands_options_and_choices(void** state) {
  (void)state;
  char* script = swr_output("help --as bash");
  save_file("swr.bash", script, (int64_t)strlen(script));
  free(script);
  assert_completes("swr co", " copy compare ");
  assert_completes("swr help st", " stack stats ");
  assert_completes("swr copy --convert cl", " clamp ");
  assert_completes("swr copy --type int1", " int16 ");
  assert_completes("swr copy --format N", " NRRD NIfTI ");
  assert_completes("swr make --pattern s", " sphere ");
  for_each_option(see_completed, NULL);
}

static void see_in_script(const char* command, const char* option, const char* script) {
  (void)command;
  char zsh[64], fish[64];
  snprintf(zsh, sizeof zsh, "'%s[", option);
  snprintf(fish, sizeof fish, " -l %s ", option + 2);
  assert_true(strstr(script, zsh) || strstr(script, fish));
}

static void zsh_and_fish_have_every_option(void** state) {
  (void)state;
  const char* const shells[] = {"zsh", "fish"};
  for (int i = 0; i < 2; ++i) {
    char* script = swr_output("help --as %s", shells[i]);
    for_each_option(see_in_script, script);
    save_file("script", script, (int64_t)strlen(script));
    free(script);
    char line[64];
    snprintf(line, sizeof line, "%s -n ./script", shells[i]);
    assert_int_equal(system(line), 0);
  }
}

int main(void) {
  TEST(help_of_a_command_is_its_help_text);
  TEST(unknown_command_is_named_with_the_nearest_one);
  TEST(manual_page_has_every_option);
  TEST(bash_completes_commands_options_and_choices);
  TEST(zsh_and_fish_have_every_option);
  return run_all_tests("swr help");
}
