package org.swr;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A file format, and what it can do.
 *
 * @param name such as "MetaImage"
 * @param suffixes of its files, the usual one first: ".mha", ".mhd"
 * @param capabilities what it can do
 * @param leastDimensions the fewest dimensions of its images
 * @param mostDimensions the most dimensions of its images
 */
public record FileFormat(String name, List<String> suffixes, Set<Capability> capabilities,
    int leastDimensions, int mostDimensions) {
  /**
   * The formats that swr knows.
   *
   * @return all of them
   */
  public static List<FileFormat> all() {
    List<FileFormat> formats = new ArrayList<>();
    for (int i = 0; i < SwrNative.swr_format_count(); ++i)
      formats.add(of(Utf8.string(SwrNative.swr_format_name(i))));
    return Collections.unmodifiableList(formats);
  }

  /**
   * The format with this name.
   *
   * @param name such as "NRRD"
   * @return the format
   * @throws SwrException.Format if the name is unknown
   */
  public static FileFormat of(String name) {
    byte[] key = Utf8.zero(name);
    long[] flags = new long[1];
    int[] least = new int[1];
    int[] most = new int[1];
    int status = SwrNative.swr_format_capabilities(key, flags);
    if (status == 0) status = SwrNative.swr_format_dimensions(key, least, most);
    if (status != 0) throw SwrException.of(status, "there is no format \"" + name + "\"");
    Set<Capability> capabilities = EnumSet.noneOf(Capability.class);
    for (Capability each : Capability.values()) {
      if ((flags[0] & each.value()) != 0) capabilities.add(each);
    }
    List<String> suffixes = List.of(Utf8.string(SwrNative.swr_format_suffixes(key)).split(" "));
    return new FileFormat(
        name, suffixes, Collections.unmodifiableSet(capabilities), least[0], most[0]);
  }
}
