package dev.thaw.bpf;

import dev.thaw.bpf.os.HeldFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What an executable file tells of the start it will have: its functions, the steps worth a probe,
 * how it is linked, and the Go it was built with. Never throws for what a file holds. Any thread.
 */
public final class StartImage {
  /** The first instruction of the program itself: before it, the loader ran. */
  public static final String ENTRY = "entry";

  /** Entered once per package that has something to initialise. */
  public static final String PACKAGE_INIT = "runtime.doInit1";

  private static final String PACKAGE_INIT_BEFORE_121 = "runtime.doInit";
  private static final List<String> GO_STEPS =
      List.of(
          "runtime.schedinit",
          "runtime.mallocinit",
          "runtime.gcinit",
          "runtime.main",
          "runtime.gcenable",
          "main.main",
          "net/http.(*Server).Serve",
          "google.golang.org/grpc.(*Server).Serve",
          PACKAGE_INIT,
          PACKAGE_INIT_BEFORE_121);
  private static final String INIT_TASK = "..inittask";
  private static final byte[] BUILD_INFO =
      "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);

  private final Optional<ElfFile> elf;
  private final Optional<FunctionTable> functions;
  private final boolean go;
  private final String how;
  private Map<String, Long> knownSteps = Map.of();
  private Map<Long, String> knownPackages = Map.of();

  private StartImage(
      Optional<ElfFile> elf, Optional<FunctionTable> functions, boolean go, String how) {
    this.elf = elf;
    this.functions = functions;
    this.go = go;
    this.how = how;
  }

  /**
   * Reads a file; one that is no ELF file has no functions and no steps. It stays open for the
   * names that are asked for later, and is closed when nobody holds the image any more.
   */
  public static StartImage read(Path file) {
    try (HeldFile held = HeldFile.open(file)) {
      return parse(FileBytes.of(FileChannel.open(held.path())));
    } catch (IOException e) {
      return none("it cannot be read: " + e.getMessage());
    } catch (UncheckedIOException e) {
      return none("it cannot be read: " + e.getMessage());
    }
  }

  /** As {@link #read}, of bytes. */
  static StartImage parse(ByteBuffer bytes) {
    return parse(FileBytes.of(bytes));
  }

  private static StartImage parse(FileBytes bytes) {
    try {
      ElfFile elf = ElfFile.parse(new LockedBytes(bytes));
      return parse(elf, GoBinary.find(elf));
    } catch (ElfFile.MalformedException e) {
      return none(String.valueOf(e.getMessage()));
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      return none("it is malformed: " + e.getMessage());
    }
  }

  private static StartImage none(String why) {
    return new StartImage(Optional.empty(), Optional.empty(), false, why);
  }

  private static StartImage parse(ElfFile elf, GoBinary binary) {
    Optional<FunctionTable> go = GoSymbols.functions(elf);
    return new StartImage(
        Optional.of(elf), go.or(() -> ElfSymbols.functions(elf)), go.isPresent(), binary.how());
  }

  /** Whether it is a Go program whose functions are known. */
  public boolean isGo() {
    return go;
  }

  /** How a Go program's functions were found, or why not. */
  public String how() {
    return how;
  }

  /** Whether a loader runs before the program's own first instruction. */
  public boolean isDynamic() {
    return elf.map(ElfText::isDynamic).orElse(false);
  }

  /** The version of Go that built it, such as {@code go1.26.1}; empty when it does not say. */
  public Optional<String> goVersion() {
    try {
      return elf.flatMap(StartImage::goVersion);
    } catch (IndexOutOfBoundsException | ElfFile.MalformedException | UncheckedIOException e) {
      return Optional.empty(); // what it says lies outside of the file
    }
  }

  private static Optional<String> goVersion(ElfFile file) {
    return file.section(".go.buildinfo")
        .filter(section -> file.isText(section.offset(), BUILD_INFO))
        .filter(section -> (file.byteAt(section.offset() + 15) & 2) != 0)
        .map(section -> inlineText(file, section.offset() + 32));
  }

  /** A length of up to 127 in one byte, then the text: no version is longer. */
  private static String inlineText(ElfFile file, long offset) {
    var text = new StringBuilder();
    int length = file.byteAt(offset) & 0x7f;
    for (int i = 0; i < length; i++) {
      text.append((char) file.byteAt(offset + 1 + i));
    }
    return text.toString();
  }

  /** The steps of its start by name, in file offsets as a probe wants them, in order. */
  public Map<String, Long> steps() {
    var steps = new LinkedHashMap<String, Long>();
    elf.ifPresent(
        file -> {
          if (ElfText.entry(file) != 0) {
            offset(file, ElfText.entry(file)).ifPresent(at -> steps.put(ENTRY, at));
          }
          List<String> wanted = go ? GO_STEPS : List.of("main");
          Map<String, Long> found =
              functions.map(table -> table.addresses(Set.copyOf(wanted))).orElse(Map.of());
          for (String name : wanted) {
            Optional.ofNullable(found.get(name))
                .flatMap(address -> offset(file, address))
                .ifPresent(at -> steps.put(name, at));
          }
          if (steps.containsKey(PACKAGE_INIT)) {
            steps.remove(PACKAGE_INIT_BEFORE_121); // since 1.21 that only calls the other
          }
        });
    return steps;
  }

  private static Optional<Long> offset(ElfFile file, long address) {
    OptionalLong at = file.isCode(address) ? file.fileOffset(address) : OptionalLong.empty();
    return at.isPresent() ? Optional.of(at.getAsLong()) : Optional.empty();
  }

  /**
   * Packages by the address of their init task, which {@link #PACKAGE_INIT} gets as its argument;
   * empty for a stripped program.
   */
  public Map<Long, String> packages() {
    var packages = new LinkedHashMap<Long, String>();
    try {
      elf.map(file -> ElfSymbols.named(file, name -> name.endsWith(INIT_TASK)))
          .orElse(Map.of())
          .forEach(
              (address, name) ->
                  packages.put(
                      address,
                      name.substring(0, name.length() - INIT_TASK.length()).replace("%2e", ".")));
    } catch (IndexOutOfBoundsException | ElfFile.MalformedException | UncheckedIOException e) {
      packages.clear(); // a name lies outside of the file
    }
    return packages;
  }

  /**
   * The package that an entry of {@link #PACKAGE_INIT} initialises; empty for a stripped program. A
   * loader may have moved the program: where the entry was seen tells by how much.
   *
   * @param step the name under which the initialiser's entry was told
   * @param task its argument, the address of the init task
   * @param place where the entry was seen
   */
  public Optional<String> packageOf(String step, long task, long place) {
    Long offset = offsets().get(step);
    OptionalLong linked = offset == null ? OptionalLong.empty() : address(offset);
    return linked.isEmpty()
        ? Optional.empty()
        : Optional.ofNullable(tasks().get(task - (place - linked.getAsLong())));
  }

  private synchronized Map<String, Long> offsets() {
    if (knownSteps.isEmpty()) {
      knownSteps = steps();
    }
    return knownSteps;
  }

  private synchronized Map<Long, String> tasks() {
    if (knownPackages.isEmpty()) {
      knownPackages = packages();
    }
    return knownPackages;
  }

  /** The function at an address of the file, before a loader has moved it. */
  Optional<String> function(long address) {
    return functions.flatMap(table -> table.at(address));
  }

  /** The address that the byte at this file offset has before a loader moves it. */
  OptionalLong address(long fileOffset) {
    return elf.map(file -> ElfText.address(file, fileOffset)).orElse(OptionalLong.empty());
  }
}
