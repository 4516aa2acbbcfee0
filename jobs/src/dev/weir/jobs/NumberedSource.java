package dev.weir.jobs;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Emits (split, 0), (split, 1), (split, 2) ... for each of a fixed number of splits, without end. A split is read by one
 * reader at a time and its position is state, so after any restore, with any parallelism, its numbers go on where the
 * checkpoint was. A reader without a split idles; nothing ever finishes.
 */
final class NumberedSource implements Source<Tuple2<Integer, Long>, NumberedSource.Split, List<NumberedSource.Split>> {
  private static final long serialVersionUID = 1;
  private final int splits;
  private final long interval;

  /** @param rate records a second of all splits together */
  NumberedSource(int splits, double rate) {
    this.splits = splits;
    this.interval = (long) (splits * 1e9 / rate);
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SourceReader<Tuple2<Integer, Long>, Split> createReader(SourceReaderContext context) {
    return new Reader(interval);
  }

  @Override
  public SplitEnumerator<Split, List<Split>> createEnumerator(SplitEnumeratorContext<Split> context) {
    List<Split> all = new ArrayList<>();
    for (int id = 0; id < splits; id++) {
      all.add(new Split(id, 0));
    }
    return new Enumerator(context, all);
  }

  @Override
  public SplitEnumerator<Split, List<Split>> restoreEnumerator(
      SplitEnumeratorContext<Split> context, List<Split> unassigned) {
    return new Enumerator(context, unassigned);
  }

  @Override
  public SimpleVersionedSerializer<Split> getSplitSerializer() {
    return new SplitSerializer();
  }

  @Override
  public SimpleVersionedSerializer<List<Split>> getEnumeratorCheckpointSerializer() {
    return new SplitsSerializer();
  }

  /** A numbered sequence and the number that comes next in it. */
  static final class Split implements SourceSplit {
    private final int id;
    private long next;
    private long due = System.nanoTime();

    Split(int id, long next) {
      this.id = id;
      this.next = next;
    }

    @Override
    public String splitId() {
      return Integer.toString(id);
    }
  }

  private static final class Reader implements SourceReader<Tuple2<Integer, Long>, Split> {
    private final long interval;
    private final List<Split> owned = new ArrayList<>();
    private final CompletableFuture<Void> firstSplit = new CompletableFuture<>();

    Reader(long interval) {
      this.interval = interval;
    }

    @Override
    public void start() {}

    @Override
    public InputStatus pollNext(ReaderOutput<Tuple2<Integer, Long>> out) {
      if (owned.isEmpty() || wait(mostUrgent()) > 0) {
        return InputStatus.NOTHING_AVAILABLE;
      }
      Split split = mostUrgent();
      out.collect(Tuple2.of(split.id, split.next++));
      // From now and not from when it was due: a pause is not made up for by a burst.
      split.due = System.nanoTime() + interval;
      return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      return owned.isEmpty()
          ? firstSplit
          : new CompletableFuture<Void>().completeOnTimeout(null, wait(mostUrgent()), TimeUnit.NANOSECONDS);
    }

    private Split mostUrgent() {
      return owned.stream().min(Comparator.comparingLong(Reader::wait)).orElseThrow();
    }

    private static long wait(Split split) {
      return split.due - System.nanoTime();
    }

    @Override
    public List<Split> snapshotState(long checkpointId) {
      List<Split> copies = new ArrayList<>();
      owned.forEach(split -> copies.add(new Split(split.id, split.next)));
      return copies;
    }

    @Override
    public void addSplits(List<Split> splits) {
      owned.addAll(splits);
      firstSplit.complete(null);
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }

  /** Hands the splits out once all readers are there, so that they share them evenly. */
  private static final class Enumerator implements SplitEnumerator<Split, List<Split>> {
    private final SplitEnumeratorContext<Split> context;
    private final List<Split> unassigned;

    Enumerator(SplitEnumeratorContext<Split> context, List<Split> unassigned) {
      this.context = context;
      this.unassigned = new ArrayList<>(unassigned);
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<Split> splits, int subtask) {
      unassigned.addAll(splits);
    }

    @Override
    public void addReader(int subtask) {
      int readers = context.currentParallelism();
      if (context.registeredReaders().size() < readers) {
        return;
      }
      unassigned.forEach(split -> context.assignSplit(split, split.id % readers));
      unassigned.clear();
    }

    @Override
    public List<Split> snapshotState(long checkpointId) {
      return new ArrayList<>(unassigned);
    }

    @Override
    public void close() {}
  }

  private static final class SplitsSerializer implements SimpleVersionedSerializer<List<Split>> {
    private static final int SIZE = Integer.BYTES + Long.BYTES;

    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(List<Split> splits) {
      ByteBuffer bytes = ByteBuffer.allocate(splits.size() * SIZE);
      splits.forEach(split -> bytes.putInt(split.id).putLong(split.next));
      return bytes.array();
    }

    @Override
    public List<Split> deserialize(int version, byte[] serialized) {
      List<Split> splits = new ArrayList<>();
      for (ByteBuffer bytes = ByteBuffer.wrap(serialized); bytes.hasRemaining(); ) {
        splits.add(new Split(bytes.getInt(), bytes.getLong()));
      }
      return splits;
    }
  }

  private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
    private final SplitsSerializer list = new SplitsSerializer();

    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Split split) {
      return list.serialize(List.of(split));
    }

    @Override
    public Split deserialize(int version, byte[] serialized) {
      return list.deserialize(version, serialized).get(0);
    }
  }
}
