package dev.weir.jobs;

import java.nio.file.Path;
import java.util.Random;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.util.Collector;

/**
 * Adds numbers up, exactly once: what an interruption lost, doubled or forgot can be seen from the output alone.
 *
 * <p>Each of {@code --splits} (4) sequences counts 0, 1, 2, ...; number n of split s goes to key {@code s-(n mod
 * --keys)} ({@code --keys} defaults to 10), and every key keeps the sum of its numbers. Each number becomes a record
 * {@code key,number,sum,milliseconds since 1970}, which is written twice:
 *
 * <ul>
 *   <li>to {@code --output}{@code /committed} exactly once: files whose names do not begin with a dot are committed, with
 *       the checkpoint or the stop with savepoint that they belong to;
 *   <li>to {@code --output}{@code /live} at once, at least once, by {@link AppendLines}.
 * </ul>
 *
 * <p>{@code --rate} (200) records a second in all. {@code --padding BYTES} of random state are spread over the keys.
 * What an upgrade may get wrong: {@code --state text} keeps the sum with another serializer, {@code --fail main} throws in
 * main(), {@code --fail task} throws at the first record of every attempt, before any checkpoint can complete;
 * {@link SumsRenamed} has another uid.
 * The sink's state names its directory: a fork that writes elsewhere needs another {@code --sink-uid}.
 * Checkpointing and the parallelism are left to the Flink configuration.
 */
public final class Sums {
  private Sums() {}

  public static void main(String[] args) throws Exception {
    run(new Arguments(args), "last");
  }

  static void run(Arguments arguments, String uidOfLast) throws Exception {
    String fail = arguments.get("fail", "never");
    if (fail.equals("main")) {
      throw new IllegalStateException("boom in main");
    }
    int splits = (int) arguments.get("splits", 4);
    int keys = (int) arguments.get("keys", 10);
    Path output = Path.of(arguments.get("output"));

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    DataStream<String> records =
        env.fromSource(
                new NumberedSource(splits, arguments.get("rate", 200)),
                WatermarkStrategy.noWatermarks(),
                "Numbers",
                Types.TUPLE(Types.INT, Types.LONG))
            .uid("numbers")
            .keyBy(numbered -> numbered.f0 + "-" + numbered.f1 % keys)
            .process(
                new Sum(
                    arguments.get("state", "number").equals("text"),
                    fail.equals("task"),
                    (int) (arguments.get("padding", 0) / splits / keys)))
            .returns(Types.STRING)
            .name("Sum")
            .uid("sum")
            .keyBy(record -> record.substring(0, record.indexOf(',')))
            .process(new Last())
            .returns(Types.STRING)
            .name("Last")
            .uid(uidOfLast);
    records
        .sinkTo(
            FileSink.<String>forRowFormat(
                    new org.apache.flink.core.fs.Path(output.resolve("committed").toUri()), new SimpleStringEncoder<>())
                .withBucketAssigner(new BasePathBucketAssigner<>())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build())
        .name("Committed")
        .uid(arguments.get("sink-uid", "committed"));
    records
        .process(new AppendLines(output.resolve("live").toString(), "records"))
        .returns(Types.STRING)
        .name("Live")
        .uid("live");
    env.execute("sums");
  }

  private static final class Sum extends KeyedProcessFunction<String, Tuple2<Integer, Long>, String> {
    private static final long serialVersionUID = 1;
    private final boolean asText;
    private final boolean fails;
    private final int paddingOfKey;
    private transient ValueState<Long> number;
    private transient ValueState<String> text;
    private transient ValueState<byte[]> padding;

    Sum(boolean asText, boolean fails, int paddingOfKey) {
      this.asText = asText;
      this.fails = fails;
      this.paddingOfKey = paddingOfKey;
    }

    @Override
    public void open(OpenContext context) {
      if (asText) {
        text = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Types.STRING));
      } else {
        number = getRuntimeContext().getState(new ValueStateDescriptor<>("sum", Types.LONG));
      }
      TypeInformation<byte[]> bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
      padding = getRuntimeContext().getState(new ValueStateDescriptor<>("padding", bytes));
    }

    @Override
    public void processElement(Tuple2<Integer, Long> numbered, Context context, Collector<String> out)
        throws Exception {
      if (fails) {
        throw new IllegalStateException("boom in task");
      }
      Long before = sum();
      if (before == null && paddingOfKey > 0) {
        byte[] random = new byte[paddingOfKey];
        new Random(context.getCurrentKey().hashCode()).nextBytes(random);
        padding.update(random);
      }
      long sum = numbered.f1 + (before == null ? 0 : before);
      if (asText) {
        text.update(Long.toString(sum));
      } else {
        number.update(sum);
      }
      out.collect(context.getCurrentKey() + "," + numbered.f1 + "," + sum + "," + System.currentTimeMillis());
    }

    private Long sum() throws Exception {
      if (asText) {
        return text.value() == null ? null : Long.valueOf(text.value());
      }
      return number.value();
    }
  }

  /** Passes records on and remembers the last one of each key: state that can be lost without any harm to the sums. */
  private static final class Last extends KeyedProcessFunction<String, String, String> {
    private static final long serialVersionUID = 1;
    private transient ValueState<String> last;

    @Override
    public void open(OpenContext context) {
      last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Types.STRING));
    }

    @Override
    public void processElement(String record, Context context, Collector<String> out) throws Exception {
      last.update(record);
      out.collect(record);
    }
  }
}
