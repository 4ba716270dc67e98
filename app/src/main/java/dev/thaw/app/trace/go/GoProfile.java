package dev.thaw.app.trace.go;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * A CPU profile in pprof's format: which stacks were seen how often. It does not know when.
 *
 * @param stacks distinct ones, outermost frame first
 * @param counts how often each was seen
 * @param periodNanos processor time that one sight stands for
 */
public record GoProfile(List<List<String>> stacks, List<Long> counts, long periodNanos) {
  private static final int MOST_BYTES = 64 << 20;
  private static final long USUAL_PERIOD = 10_000_000;

  /**
   * Reads a profile, which is packed by gzip.
   *
   * @throws IOException when it is none
   */
  public static GoProfile read(byte[] file) throws IOException {
    try (var unpacked = new GZIPInputStream(new ByteArrayInputStream(file))) {
      return new Reader().read(unpacked.readNBytes(MOST_BYTES));
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("no profile: " + e.getMessage(), e);
    }
  }

  /** How often a stack was seen, in all. */
  public long seen() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /** The fields that count, by pprof's numbers of them. */
  private static final class Reader {
    private record Seen(List<Long> locations, long count) {}

    private final List<String> texts = new ArrayList<>();
    private final List<Seen> samples = new ArrayList<>();
    private final Map<Long, List<Long>> functionsOf = new HashMap<>(); // by location
    private final Map<Long, Long> names = new HashMap<>(); // by function
    private long period = USUAL_PERIOD;

    GoProfile read(byte[] bytes) throws IOException {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 2 -> sample(part(in));
          case 4 -> location(part(in));
          case 5 -> function(part(in));
          case 6 -> texts.add(in.readString());
          case 12 -> period = Math.max(1, in.readInt64());
          default -> in.skipField(tag);
        }
      }
      var stacks = new ArrayList<List<String>>();
      var counts = new ArrayList<Long>();
      for (Seen each : samples) {
        var stack = new ArrayList<String>();
        for (int i = each.locations().size() - 1; i >= 0; i--) {
          List<Long> inlined = functionsOf.getOrDefault(each.locations().get(i), List.of());
          for (int k = inlined.size() - 1; k >= 0; k--) {
            stack.add(name(inlined.get(k)));
          }
        }
        stacks.add(stack);
        counts.add(each.count());
      }
      return new GoProfile(stacks, counts, period);
    }

    private String name(long function) {
      long text = names.getOrDefault(function, -1L);
      return text < 0 || text >= texts.size() ? "[unknown]" : texts.get((int) text);
    }

    private static CodedInputStream part(CodedInputStream in) throws IOException {
      return CodedInputStream.newInstance(in.readByteArray());
    }

    private void sample(CodedInputStream in) throws IOException {
      var locations = new ArrayList<Long>();
      var values = new ArrayList<Long>();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> numbers(in, tag, locations);
          case 2 -> numbers(in, tag, values);
          default -> in.skipField(tag);
        }
      }
      samples.add(new Seen(locations, values.isEmpty() ? 0 : Math.max(0, values.get(0))));
    }

    /** Packed, or one at a time. */
    private static void numbers(CodedInputStream in, int tag, List<Long> into) throws IOException {
      if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
        into.add(in.readInt64());
        return;
      }
      CodedInputStream packed = part(in);
      while (!packed.isAtEnd()) {
        into.add(packed.readInt64());
      }
    }

    private void location(CodedInputStream in) throws IOException {
      long id = 0;
      var functions = new ArrayList<Long>();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> id = in.readInt64();
          case 4 -> functions.add(field(part(in), 1));
          default -> in.skipField(tag);
        }
      }
      functionsOf.put(id, functions);
    }

    private void function(CodedInputStream in) throws IOException {
      long id = 0;
      long name = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (WireFormat.getTagFieldNumber(tag)) {
          case 1 -> id = in.readInt64();
          case 2 -> name = in.readInt64();
          default -> in.skipField(tag);
        }
      }
      names.put(id, name);
    }

    private static long field(CodedInputStream in, int wanted) throws IOException {
      long value = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == wanted) {
          value = in.readInt64();
        } else {
          in.skipField(tag);
        }
      }
      return value;
    }
  }
}
