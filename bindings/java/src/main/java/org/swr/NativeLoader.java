package org.swr;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;

/**
 * Finds the native library: the file of -Dswr.library.path, then java.library.path, then the one
 * inside the jar that is for this platform.
 */
final class NativeLoader {
  private static final String NAME = "swrjni";
  /** Not the beginning of the package's name: tools that relocate classes change such texts too. */
  private static final String NATIVES = "swr.natives";
  /** In the jar: a folder for each platform, and a text that names them. */
  private static final String FOLDER = "/META-INF/native/";
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
    String platform = Platform.current();
    String resource = FOLDER + platform + "/" + System.mapLibraryName(NAME);
    try (InputStream in = NativeLoader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw failure("no library in -Djava.library.path (" + reason(notOnPath) + ") and none for "
                + platform + " in the jar, which has " + contained()
                + "; set -Dswr.library.path=<file>",
            notOnPath);
      }
      loadUnpacked(in, resource);
    } catch (IOException e) {
      throw failure("cannot unpack " + resource + " of the jar into -Djava.io.tmpdir="
              + System.getProperty("java.io.tmpdir") + ": " + e + OTHERWISE,
          e);
    }
  }

  /** The platforms whose libraries are in the jar, or "none". */
  private static String contained() throws IOException {
    try (InputStream in = NativeLoader.class.getResourceAsStream(FOLDER + "platforms")) {
      if (in == null) return "none";
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  private static void loadUnpacked(InputStream library, String resource) throws IOException {
    String name = System.mapLibraryName(NAME);
    if (Platform.isWindows()) {
      Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
      UnpackedLibrary.removeOld(temporary, name, Instant.now());
    }
    UnpackedLibrary unpacked = UnpackedLibrary.of(library, name);
    try {
      registering(() -> System.load(unpacked.file().toString()));
    } catch (LinkageError e) {
      throw failure("cannot load " + unpacked.file() + ", which is " + resource
              + " of the jar, unpacked into -Djava.io.tmpdir: " + reason(e) + OTHERWISE,
          e);
    } finally {
      unpacked.remove();
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

  private NativeLoader() {}
}
