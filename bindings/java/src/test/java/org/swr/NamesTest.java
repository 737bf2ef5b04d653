package org.swr;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * All that the C library exports is there, under the name that the rule gives it or the one that
 * bindings/names.txt says.
 */
class NamesTest {
  private static final Path ROOT = Path.of(System.getProperty("swr.root"));
  private static final Map<String, Class<?>> CLASSES = Map.of("reader", SwrReader.class, "writer",
      SwrWriter.class, "piece", Piece.class, "format", FileFormat.class, "component",
      ComponentType.class, "kind", Kind.class, "unit", AxisUnit.class, "status", Status.class);
  private static final Map<String, Class<?>> ENUMS =
      Map.of("swr_component", ComponentType.class, "swr_kind", Kind.class, "swr_unit",
          AxisUnit.class, "swr_status", Status.class, "swr_existing", Existing.class,
          "swr_conversion", Conversion.class, "swr_method", WriteMethod.class, "swr_capability",
          Capability.class, "swr_statistic", Statistic.class, "swr_log_level", SwrLogLevel.class);

  @Test
  void everyFunction_hasItsMember() throws Exception {
    Map<String, String> exceptions = new HashMap<>();
    for (String line : Files.readAllLines(ROOT.resolve("bindings/names.txt"))) {
      if (line.startsWith("swr_") && !line.split(" +")[1].equals("="))
        exceptions.put(line.split(" +")[0], line.split(" +")[1]);
    }
    Set<String> missing = new TreeSet<>();
    List<String> exported = Files.readAllLines(ROOT.resolve("capi/exported_symbols.txt"));
    for (String name : exported) {
      String member = exceptions.remove(name);
      if (member == null ? !follows(name.substring(4)) : !member.equals("-") && !exists(member))
        missing.add(name);
    }
    assertEquals(Set.of(), missing);
    assertEquals(Map.of(), exceptions, "names.txt has what is not exported");
    assertTrue(exported.size() > 80);
  }

  private static boolean follows(String name) {
    String first = name.substring(0, Math.max(name.indexOf('_'), 0));
    boolean of = CLASSES.containsKey(first);
    Class<?>[] owners =
        of ? new Class<?>[] {CLASSES.get(first)} : new Class<?>[] {SwrWriter.class, Swr.class};
    String camel = camel(of ? name.substring(first.length() + 1) : name);
    String capital = Character.toUpperCase(camel.charAt(0)) + camel.substring(1);
    // swr_status_text() is a getter, though C does not say get; a yes or no is an is.
    Set<String> names = Set.of(camel, "get" + capital, capital.replaceFirst("^Get", "is"));
    return Arrays.stream(owners).flatMap(NamesTest::methods).anyMatch(names::contains);
  }

  /** Every function and enumerator in a text of the engine is said in Java's words. */
  @Test
  void messages_haveTheWordsOfTheLanguage() throws Exception {
    Set<String> exported = new TreeSet<>();
    for (String name : Files.readAllLines(ROOT.resolve("capi/exported_symbols.txt")))
      if (!name.contains("vtk")) exported.add(name);
    Pattern text = Pattern.compile("\"([^\"\n]*)\"");
    Pattern word = Pattern.compile("\\bswr_[a-z_]+|\\bSWR_(EXISTING|CONVERSION|METHOD|KIND)_\\w+");
    int found = 0;
    try (Stream<Path> files = Files.walk(ROOT.resolve("impl"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".cpp")).toList()) {
        Matcher texts = text.matcher(Files.readString(file));
        while (texts.find()) {
          Matcher words = word.matcher(texts.group(1));
          while (words.find()) {
            if (words.group(1) == null && !exported.contains(words.group())) continue;
            ++found;
            String said = Words.of("v.mha: x " + texts.group(1));
            assertFalse(said.contains(words.group()), said);
            assertFalse(said.contains("--"), said);
            String member = words.group(1) == null ? camel(words.group().substring(4)) : "";
            assertTrue(member.isEmpty() || follows(words.group().substring(4)), member);
            assertTrue(said.contains(member), said);
          }
        }
      }
    }
    assertTrue(found >= 8, found + " words");
    assertEquals("swr_finish: in /swr_begin and swr_put.mha, Existing.EXTEND",
        Words.of("swr_finish: in /swr_begin and swr_put.mha, SWR_EXISTING_EXTEND"));
  }

  private static boolean exists(String member) throws ClassNotFoundException {
    Class<?> owner = Class.forName("org.swr." + member.substring(0, member.indexOf('.')));
    String name = member.substring(member.indexOf('.') + 1);
    return name.equals("new") ? owner.getConstructors().length > 0
                              : methods(owner).anyMatch(name::equals);
  }

  private static Stream<String> methods(Class<?> owner) {
    return Arrays.stream(owner.getMethods()).map(Method::getName);
  }

  private static String camel(String name) {
    String words = Arrays.stream(name.split("_"))
                       .map(w -> Character.toUpperCase(w.charAt(0)) + w.substring(1))
                       .collect(Collectors.joining());
    return Character.toLowerCase(words.charAt(0)) + words.substring(1);
  }

  /** So that `import org.swr.*` goes with `import java.io.*` and all others of the JDK. */
  @Test
  void noType_hasTheNameOfOneOfThePlatform() throws Exception {
    Set<String> own = new TreeSet<>();
    URI classes = SwrWriter.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    try (FileSystem jar = FileSystems.newFileSystem(Path.of(classes));
        Stream<Path> files = Files.list(jar.getPath("org/swr"))) {
      files.map(f -> f.getFileName().toString().replace(".class", ""))
          .filter(n -> !n.contains("$") && !n.contains("-"))
          .forEach(own::add);
    }
    assertTrue(own.contains("SwrWriter"));
    own.removeIf(name -> !isPublic("org.swr." + name));
    Set<String> shared = new TreeSet<>();
    FileSystem jdk = FileSystems.getFileSystem(URI.create("jrt:/"));
    try (Stream<Path> files = Files.walk(jdk.getPath("modules"))) {
      files.map(Path::toString)
          .filter(f -> f.matches("/?modules/[^/]+/javax?/.*\\.class"))
          .filter(f -> own.contains(f.replaceFirst(".*/", "").replace(".class", "")))
          .map(f -> f.replaceFirst("/?modules/[^/]+/", "").replace(".class", "").replace('/', '.'))
          .filter(NamesTest::isPublic)
          .forEach(shared::add);
    }
    assertEquals(Set.of(), shared);
  }

  private static boolean isPublic(String name) {
    try {
      ClassLoader loader = NamesTest.class.getClassLoader();
      return Modifier.isPublic(Class.forName(name, false, loader).getModifiers());
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyEnumerator_hasItsConstant() throws Exception {
    String header = Files.readString(ROOT.resolve("capi/include/swr/types.h"));
    Matcher enums = Pattern.compile("typedef enum (swr_[a-z_]+)[^{]*\\{(.*?)\\n\\}", Pattern.DOTALL)
                        .matcher(header);
    int found = 0;
    for (; enums.find(); ++found) {
      Set<String> expected = new TreeSet<>();
      Matcher names = Pattern.compile("\\bSWR_([A-Z0-9_]+) =\\s+\\d").matcher(enums.group(2));
      while (names.find())
        expected.add(names.group(1).replaceFirst(
            "^(COMPONENT|KIND|UNIT|EXISTING|CONVERSION|METHOD|CAN|STATISTIC|LOG)_", ""));
      Matcher rows = Pattern.compile("XX\\(\\d+, ([A-Z_]+),")
                         .matcher(enums.group(1).equals("swr_status") ? header : "");
      while (rows.find()) expected.add(rows.group(1));
      expected.removeIf(name -> name.endsWith("FORCE_INT32") || name.equals("COUNT"));
      Set<String> constants = new TreeSet<>();
      for (Object constant : ENUMS.get(enums.group(1)).getEnumConstants())
        constants.add(((Enum<?>) constant).name());
      assertEquals(expected, constants);
    }
    assertEquals(ENUMS.size(), found);
  }

  @Test
  void everyError_hasItsException() throws Exception {
    for (Status status : Status.values()) {
      if (status == Status.OK)
        continue;
      String name = camel(status.name().toLowerCase().replaceFirst("^error_", ""));
      Class<?> kind = Class.forName(
          "org.swr.SwrException$" + Character.toUpperCase(name.charAt(0)) + name.substring(1));
      assertEquals(kind, SwrException.of(status.value(), "").getClass());
    }
  }
}
