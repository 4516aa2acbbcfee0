package dev.weir.jobs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Appends every record as a line, with the time before it, to {@code DIR/<name>-<subtask>.txt}. Each line is one write
 * to a file opened for appending, so it is on disk for any reader at once and the time stamps show when output paused.
 * At least once: nothing is taken back when Flink goes back to a checkpoint. Emits nothing.
 *
 * <p>A plain function and no Flink sink, because the sink interfaces of Flink 1 and 2 differ and this class runs on both.
 */
final class AppendLines extends ProcessFunction<String, String> {
  private static final long serialVersionUID = 1;
  private final String directory;
  private final String name;
  private transient OutputStream file;

  AppendLines(String directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    Files.createDirectories(Path.of(directory));
    int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
    file =
        Files.newOutputStream(
            Path.of(directory, name + "-" + subtask + ".txt"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  @Override
  public void processElement(String line, Context context, Collector<String> out) throws IOException {
    file.write((System.currentTimeMillis() + " " + line + "\n").getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
  }
}
