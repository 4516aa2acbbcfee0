package dev.weir.jobs;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Counts the words of a text and ends: {@code --input FILE --output FILE}.
 *
 * <p>The output has one line {@code word count} for each distinct word, sorted by word. It appears whole, by a rename,
 * when everything has been counted; an older file of that name is replaced, and doing it twice gives the same file. A
 * job that is FINISHED has therefore written its output, however often it failed on the way.
 */
public final class WordCount {
  private WordCount() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    String input = arguments.get("input");
    String output = arguments.get("output");

    StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.fromSource(
            FileSource.forRecordStreamFormat(
                    new TextLineInputFormat(), new org.apache.flink.core.fs.Path(Path.of(input).toUri()))
                .build(),
            WatermarkStrategy.noWatermarks(),
            "Text")
        .uid("text")
        .<String>flatMap((line, words) -> Words.of(line).forEach(words::collect))
        .returns(Types.STRING)
        .name("Words")
        .uid("words")
        .keyBy(word -> word)
        .process(new Count())
        .returns(Types.TUPLE(Types.STRING, Types.LONG))
        .name("Count")
        .uid("count")
        .keyBy(count -> 0)
        .process(new WriteAll(output))
        .returns(Types.STRING)
        .name("Write")
        .uid("write")
        .setParallelism(1);
    env.execute("word-count");
  }

  /** Emits each word with its final count. At the end of the input Flink's event time jumps to its last instant. */
  private static final class Count extends KeyedProcessFunction<String, String, Tuple2<String, Long>> {
    private static final long serialVersionUID = 1;
    private transient ValueState<Long> count;

    @Override
    public void open(OpenContext context) {
      count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
    }

    @Override
    public void processElement(String word, Context context, Collector<Tuple2<String, Long>> out) throws Exception {
      Long before = count.value();
      count.update(before == null ? 1 : before + 1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<Tuple2<String, Long>> out) throws Exception {
      out.collect(Tuple2.of(context.getCurrentKey(), count.value()));
    }
  }

  /** Holds all counts under one key and writes them as one file at the end. */
  private static final class WriteAll extends KeyedProcessFunction<Integer, Tuple2<String, Long>, String> {
    private static final long serialVersionUID = 1;
    private final String file;
    private transient MapState<String, Long> counts;

    WriteAll(String file) {
      this.file = file;
    }

    @Override
    public void open(OpenContext context) {
      counts = getRuntimeContext().getMapState(new MapStateDescriptor<>("counts", Types.STRING, Types.LONG));
    }

    @Override
    public void processElement(Tuple2<String, Long> count, Context context, Collector<String> out) throws Exception {
      counts.put(count.f0, count.f1);
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
      TreeMap<String, Long> sorted = new TreeMap<>();
      for (Map.Entry<String, Long> count : counts.entries()) {
        sorted.put(count.getKey(), count.getValue());
      }
      StringBuilder text = new StringBuilder();
      sorted.forEach((word, count) -> text.append(word).append(' ').append(count).append('\n'));
      Path target = Path.of(file).toAbsolutePath();
      Files.createDirectories(target.getParent());
      Path unfinished = Files.createTempFile(target.getParent(), "." + target.getFileName(), ".unfinished");
      Files.write(unfinished, text.toString().getBytes(StandardCharsets.US_ASCII));
      Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
