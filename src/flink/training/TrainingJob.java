package dev.weir.training;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

/**
 * Runs while class archives are made, so that they hold what most jobs need: a source, keyed state, a sink, and the
 * network between them. Counts numbers, slowly, until it is cancelled. Uses what Flink 1.19 to 2.x have alike.
 * scripts/build-training-job makes the jar of it that is within the weir binary.
 */
public final class TrainingJob {
  private TrainingJob() {}

  public static void main(String[] args) throws Exception {
    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSequence(1, Long.MAX_VALUE)
        .uid("numbers")
        .map(TrainingJob::digit)
        .returns(Types.LONG)
        .uid("digits")
        .keyBy(digit -> digit)
        .process(new Count())
        .returns(Types.LONG)
        .uid("count")
        .sinkTo(new DiscardingSink<>())
        .uid("nowhere");
    env.execute("training");
  }

  // Slow where the numbers begin: a backlog would keep checkpoints waiting.
  private static long digit(long n) throws InterruptedException {
    Thread.sleep(5);
    return n % 10;
  }

  private static final class Count extends KeyedProcessFunction<Long, Long, Long> {
    private static final long serialVersionUID = 1;
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Long digit, Context context, Collector<Long> out) throws Exception {
      Long before = count.value();
      count.update(before == null ? 1 : before + 1);
      out.collect(count.value());
    }
  }
}
