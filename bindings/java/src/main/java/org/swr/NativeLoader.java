package org.swr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Finds the native library: the file of -Dswr.library.path, then java.library.path, then the copy
 * inside the jar.
 */
final class NativeLoader {
  private static final String NAME = "swrjni";
  /** Not the beginning of the package's name: tools that relocate classes change such texts too. */
  private static final String NATIVES = "swr.natives";
  private static volatile boolean loaded;

  /**
   * Loads the library, unless it is loaded.
   *
   * @throws UnsatisfiedLinkError each time, while it cannot be loaded: what was tried, and which
   *     property to set
   */
  static void load() {
    if (!loaded) find();
  }

  private static synchronized void find() {
    if (loaded) return;
    String given = System.getProperty("swr.library.path");
    if (given != null) {
      loadGiven(Path.of(given).toAbsolutePath());
    } else {
      try {
        registering(() -> System.loadLibrary(NAME));
      } catch (LinkageError notOnPath) {
        loadFromJar(notOnPath);
      }
    }
    loaded = true;
  }

  private static void loadGiven(Path file) {
    try {
      registering(() -> System.load(file.toString()));
    } catch (LinkageError e) {
      throw failure("cannot load " + file + ", the library of -Dswr.library.path: " + reason(e), e);
    }
  }

  private static void loadFromJar(LinkageError notOnPath) {
    String resource = "/META-INF/native/" + platform() + "/" + System.mapLibraryName(NAME);
    try (InputStream in = NativeLoader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw failure("no library in -Djava.library.path (" + reason(notOnPath) + ") and no "
                + resource + " in the jar; set -Dswr.library.path=<file>",
            notOnPath);
      }
      // 0700: no other user can put another file there
      Path folder = Files.createTempDirectory("swr-native-");
      Path file = folder.resolve(System.mapLibraryName(NAME));
      try {
        Files.copy(in, file);
        registering(() -> System.load(file.toString()));
      } catch (LinkageError e) {
        throw failure("cannot load " + file + ", which is " + resource + " of the jar, unpacked "
                + "into -Djava.io.tmpdir: " + reason(e) + OTHERWISE,
            e);
      } finally {  // the mapping outlives the name
        Files.deleteIfExists(file);
        Files.deleteIfExists(folder);
      }
    } catch (IOException e) {
      throw failure("cannot unpack " + resource + " of the jar into -Djava.io.tmpdir="
              + System.getProperty("java.io.tmpdir") + ": " + e + OTHERWISE,
          e);
    }
  }

  private static final String OTHERWISE =
      "; set -Djava.io.tmpdir=<a folder for programs> or -Dswr.library.path=<file>";

  /**
   * The library registers its methods in the class of this property, whose package may have been
   * renamed. One load at a time in the whole VM, where other loaders may have other copies.
   */
  private static void registering(Runnable load) {
    synchronized (Runtime.getRuntime()) {
      System.setProperty(NATIVES, SwrNativeJNI.class.getName().replace('.', '/'));
      try {
        load.run();
      } finally {
        System.clearProperty(NATIVES);
      }
    }
  }

  private static String reason(LinkageError e) {
    return e instanceof UnsatisfiedLinkError ? e.getMessage()
                                             : "it is of another version than the jar: " + e;
  }

  private static UnsatisfiedLinkError failure(String message, Throwable cause) {
    UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
    error.initCause(cause);
    return error;
  }

  private static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (system.startsWith("mac")) system = "darwin";
    if (processor.equals("amd64") || processor.equals("x86_64")) processor = "x64";
    if (processor.equals("aarch64")) processor = "arm64";
    return system + "-" + processor;
  }

  private NativeLoader() {}
}
