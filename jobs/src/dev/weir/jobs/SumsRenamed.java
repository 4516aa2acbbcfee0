package dev.weir.jobs;

/**
 * {@link Sums} with another uid for one operator: a savepoint of Sums holds state that this job has no place for, so it
 * starts from it only where non-restored state is allowed. The sums are kept either way.
 */
public final class SumsRenamed {
  private SumsRenamed() {}

  public static void main(String[] args) throws Exception {
    Sums.run(new Arguments(args), "latest");
  }
}
