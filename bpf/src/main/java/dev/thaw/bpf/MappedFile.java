package dev.thaw.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * Code of a file in a process's memory.
 *
 * @param offset where in the file {@code start} lies
 */
record MappedFile(long start, long end, long offset, String path) {

  /** The file's name without its folders. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** The executable mappings of files in lines of {@code /proc/PID/maps}. */
  static List<MappedFile> parse(List<String> maps) {
    var files = new ArrayList<MappedFile>();
    for (String line : maps) {
      String[] fields = line.split("\\s+", 6);
      if (fields.length < 6 || fields[1].length() < 3 || fields[1].charAt(2) != 'x') {
        continue;
      }
      String path = fields[5].replace(" (deleted)", "");
      if (path.startsWith("/")) {
        int dash = fields[0].indexOf('-');
        files.add(
            new MappedFile(
                Long.parseUnsignedLong(fields[0].substring(0, dash), 16),
                Long.parseUnsignedLong(fields[0].substring(dash + 1), 16),
                Long.parseUnsignedLong(fields[2], 16),
                path));
      }
    }
    return files;
  }
}
