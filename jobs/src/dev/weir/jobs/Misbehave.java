package dev.weir.jobs;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * Fails in the ways that jobs of users do, {@code --how}:
 *
 * <ul>
 *   <li>{@code main-throws}: main() throws IllegalStateException "boom in main";
 *   <li>{@code main-exits}: main() calls System.exit(3);
 *   <li>{@code no-execute}: main() returns without having run a job;
 *   <li>{@code slow-start}: main() takes {@code --seconds} (5) before it runs a job that stays healthy;
 *   <li>{@code task-throws}: a task throws IllegalStateException "boom in task" at record {@code --after} (100) of 100 a
 *       second, and, because the position is state, again after every restore from a checkpoint.
 * </ul>
 */
public final class Misbehave {
  private Misbehave() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    String how = arguments.get("how");
    long after = Long.MAX_VALUE;
    switch (how) {
      case "main-throws":
        throw new IllegalStateException("boom in main");
      case "main-exits":
        System.exit(3);
        return;
      case "no-execute":
        return;
      case "slow-start":
        Thread.sleep((long) (arguments.get("seconds", 5) * 1000));
        break;
      case "task-throws":
        after = (long) arguments.get("after", 100);
        break;
      default:
        throw new IllegalArgumentException("unknown --how: " + how);
    }

    long last = after;
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    GeneratorFunction<Long, Long> same = n -> n;
    env.fromSource(
            new DataGeneratorSource<>(same, Long.MAX_VALUE, RateLimiterStrategy.perSecond(100), Types.LONG),
            WatermarkStrategy.noWatermarks(),
            "Numbers")
        .uid("numbers")
        .setParallelism(1)
        .map(
            n -> {
              if (n >= last) {
                throw new IllegalStateException("boom in task");
              }
              return n;
            })
        .returns(Types.LONG)
        .name("Check")
        .uid("check")
        .sinkTo(new DiscardingSink<>())
        .name("Discard")
        .uid("discard");
    env.execute("misbehave");
  }
}
