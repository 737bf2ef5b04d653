package org.swr;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The library's messages in the words of Java: swr_set_paste_region is setPasteRegion,
 * SWR_EXISTING_EXTEND is Existing.EXTEND, and options of the command swr are left out.
 */
final class Words {
  /** A word of its own: no part of a file's name, and not what a message begins with. */
  private static final Pattern C = Pattern.compile("(?<=[ (])swr_(?:reader_)?([a-z_]+)(?:\\(\\))?"
      + "(?![\\w/:]|\\.\\w)|(?<=[ (])SWR_([A-Z]+)_([A-Z0-9_]+)\\b|, or the command's --[a-z-]+");
  private static final Map<String, String> ENUMS = Map.of("COMPONENT", "ComponentType", "KIND",
      "Kind", "UNIT", "AxisUnit", "EXISTING", "Existing", "CONVERSION", "Conversion", "METHOD",
      "WriteMethod", "CAN", "Capability", "STATISTIC", "Statistic", "LOG", "SwrLogLevel");

  static String of(String message) {
    if (message == null) return null;
    return C.matcher(message).replaceAll(m -> Matcher.quoteReplacement(word(m.group(), m.group(1),
        m.group(2), m.group(3))));
  }

  private static String word(String all, String function, String group, String constant) {
    if (function != null) return camel(function);
    if (group == null) return "";
    return ENUMS.containsKey(group) ? ENUMS.get(group) + "." + constant : all;
  }

  private static String camel(String function) {
    StringBuilder name = new StringBuilder();
    for (String word : function.split("_")) {
      if (name.length() == 0) name.append(word);
      else name.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return name.toString();
  }

  private Words() {}
}
