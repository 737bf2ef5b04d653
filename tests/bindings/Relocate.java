import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * Relocate JAR OUTPUT: what tools that put several jars into one do with the classes of a jar: the
 * package org.swr becomes shaded.org.swr, in names, descriptors and texts.
 */
public class Relocate {
  private static final Remapper REMAPPER = new Remapper() {
    @Override public String map(String name) {
      return name.startsWith("org/swr/") ? "shaded/" + name : name;
    }

    @Override public Object mapValue(Object value) {
      if (!(value instanceof String)) return super.mapValue(value);
      return ((String) value).replaceAll("\\borg([./])swr\\b", "shaded$1org$1swr");
    }
  };

  public static void main(String[] args) throws IOException {
    try (JarFile jar = new JarFile(args[0]);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(Path.of(args[1])))) {
      jar.stream().filter(e -> !e.isDirectory() && !e.getName().startsWith("module-info")).forEach(
          entry -> copy(jar, entry, out));
    }
  }

  private static void copy(JarFile jar, JarEntry entry, JarOutputStream out) {
    try (InputStream in = jar.getInputStream(entry)) {
      byte[] bytes = in.readAllBytes();
      String name = entry.getName();
      if (name.endsWith(".class")) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(bytes).accept(new ClassRemapper(writer, REMAPPER), 0);
        bytes = writer.toByteArray();
        name = REMAPPER.map(name);
      }
      out.putNextEntry(new JarEntry(name));
      out.write(bytes);
      out.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
