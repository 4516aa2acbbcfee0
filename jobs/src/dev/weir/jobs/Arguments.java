package dev.weir.jobs;

import java.util.HashMap;
import java.util.Map;

/** The {@code --name value} pairs of a command line. A missing or malformed one throws with a sentence for the user. */
final class Arguments {
  private final Map<String, String> values = new HashMap<>();

  Arguments(String[] arguments) {
    for (int i = 0; i < arguments.length; i += 2) {
      if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
        throw new IllegalArgumentException("expected --name value, found: " + arguments[i]);
      }
      values.put(arguments[i].substring(2), arguments[i + 1]);
    }
  }

  String get(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("missing argument: --" + name);
    }
    return value;
  }

  String get(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  double get(String name, double otherwise) {
    return values.containsKey(name) ? Double.parseDouble(values.get(name)) : otherwise;
  }
}
