package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every function of the C headers has its method, under the name that the rule gives it. */
class NamesTest {
  private static final Map<String, Class<?>> CLASSES = Map.of("reader", Reader.class, "writer", Writer.class, "piece", Piece.class, "format",
      Format.class, "component", Component.class, "kind", Kind.class, "status", Status.class);
  // What is not a method: constructors, what is thrown, what the binding does by itself, and what Java has one word less for.
  private static final Set<String> ELSEWHERE = Set.of("swr_writer_create", "swr_writer_destroy", "swr_writer_message", "swr_reader_create",
      "swr_reader_destroy", "swr_reader_message", "swr_piece_fail", "swr_set_buffers", "swr_set_io_region", "swr_format_count", "swr_format_dimensions",
      "swr_reader_pull", "swr_piece_get_type", "swr_reader_get_metadata_count", "swr_reader_get_metadata_at", "swr_reader_close");

  @Test void everyFunction_hasItsMethod() throws Exception {
    Set<String> missing = new TreeSet<>();
    int found = 0;
    for (String header : List.of("types.h", "formats.h", "reader.h", "writer.h")) {
      String text = Files.readString(Path.of(System.getProperty("swr.headers"), header));
      Matcher matcher = Pattern.compile("SWR_API [^;(]*?\\b(swr_[a-z0-9_]+)\\(").matcher(text);
      for (; matcher.find(); ++found) {
        String name = matcher.group(1);
        if (!ELSEWHERE.contains(name) && !has(name.substring(4))) missing.add(name);
      }
    }
    assertEquals(Set.of(), missing);
    assertEquals(true, found > 80);
  }

  private static boolean has(String name) {
    String first = name.substring(0, Math.max(name.indexOf('_'), 0));
    boolean of = CLASSES.containsKey(first);
    Class<?>[] owners = of ? new Class<?>[] {CLASSES.get(first)} : new Class<?>[] {Writer.class, Swr.class};
    String rest = of ? name.substring(first.length() + 1) : name;
    String camel = camel(rest);
    String capital = Character.toUpperCase(camel.charAt(0)) + camel.substring(1);
    Set<String> names = Set.of(camel, "get" + capital, capital.replaceFirst("^Get", "is"));
    return Arrays.stream(owners).flatMap(c -> Arrays.stream(c.getMethods())).map(Method::getName).anyMatch(names::contains);
  }

  private static String camel(String name) {
    String words = Arrays.stream(name.split("_")).map(w -> Character.toUpperCase(w.charAt(0)) + w.substring(1)).collect(Collectors.joining());
    return Character.toLowerCase(words.charAt(0)) + words.substring(1);
  }
}
