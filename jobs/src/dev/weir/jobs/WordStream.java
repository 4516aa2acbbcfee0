package dev.weir.jobs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Reads a text word by word, over and over, and counts: {@code --input FILE --output DIR [--rate 10]} (words a second).
 *
 * <p>Record n (from 0) is word n modulo the number of words of the text. For each the job appends a line
 * {@code <milliseconds since 1970> <n> <word> <how often so far>} to {@code DIR/words-<subtask>.txt}. The position in
 * the text and the counts are state: after a restore the job goes on where the checkpoint was, so n has no gaps and
 * every count can be worked out from n alone. Lines are written at least once: those since the checkpoint are written
 * again, with the same n and count and a later time. Checkpointing is left to the Flink configuration.
 */
public final class WordStream {
  private WordStream() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    String input = arguments.get("input");
    String output = arguments.get("output");
    double rate = arguments.get("rate", 10);

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    TypeInformation<Tuple2<Long, String>> numberedWord = Types.TUPLE(Types.LONG, Types.STRING);
    env.fromSource(
            new DataGeneratorSource<>(
                new RepeatedText(input), Long.MAX_VALUE, RateLimiterStrategy.perSecond(rate), numberedWord),
            WatermarkStrategy.noWatermarks(),
            "Text")
        .uid("text")
        // More than one reader would split the numbers into ranges, and no rescaling may do that either.
        .setParallelism(1)
        .setMaxParallelism(1)
        .keyBy(numbered -> numbered.f1)
        .process(new Count())
        .returns(Types.STRING)
        .name("Count")
        .uid("count")
        .process(new AppendLines(output, "words"))
        .returns(Types.STRING)
        .name("Append")
        .uid("append");
    env.execute("word-stream");
  }

  /** Word n of the endlessly repeated text. Reads the whole file when a task starts; it must not change afterwards. */
  private static final class RepeatedText implements GeneratorFunction<Long, Tuple2<Long, String>> {
    private static final long serialVersionUID = 1;
    private final String file;
    private transient List<String> words;

    RepeatedText(String file) {
      this.file = file;
    }

    @Override
    public void open(SourceReaderContext context) throws Exception {
      words = Words.of(Files.readString(Path.of(file)));
      if (words.isEmpty()) {
        throw new IllegalArgumentException("there is no word in " + file);
      }
    }

    @Override
    public Tuple2<Long, String> map(Long n) {
      return Tuple2.of(n, words.get((int) (n % words.size())));
    }
  }

  private static final class Count extends KeyedProcessFunction<String, Tuple2<Long, String>, String> {
    private static final long serialVersionUID = 1;
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(Tuple2<Long, String> numbered, Context context, Collector<String> out)
        throws Exception {
      long now = count.value() == null ? 1 : count.value() + 1;
      count.update(now);
      out.collect(numbered.f0 + " " + numbered.f1 + " " + now);
    }
  }
}
