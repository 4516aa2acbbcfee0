package dev.weir.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a word is, for all jobs: a longest run of the letters a-z and A-Z, in lower case. Everything else separates.
 * The rule is ASCII only so that any other program can count independently.
 */
final class Words {
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  private Words() {}

  static List<String> of(String text) {
    List<String> words = new ArrayList<>();
    for (Matcher matcher = WORD.matcher(text); matcher.find(); ) {
      words.add(matcher.group().toLowerCase(java.util.Locale.ROOT));
    }
    return words;
  }
}
