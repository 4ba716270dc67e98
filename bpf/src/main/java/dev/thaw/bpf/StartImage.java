package dev.thaw.bpf;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
          "google.golang.org/grpc.(*Server).Serve");
  private static final long MAX_SIZE = Integer.MAX_VALUE;
  private static final byte[] BUILD_INFO =
      "\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);

  private final Optional<ElfFile> elf;
  private final Optional<FunctionTable> functions;
  private final boolean go;
  private final String how;

  private StartImage(
      Optional<ElfFile> elf, Optional<FunctionTable> functions, boolean go, String how) {
    this.elf = elf;
    this.functions = functions;
    this.go = go;
    this.how = how;
  }

  /** Reads a file; one that is no ELF file has no functions and no steps. */
  public static StartImage read(Path file) {
    try (var channel = FileChannel.open(file)) {
      if (channel.size() > MAX_SIZE) {
        return none("it is larger than 2 GiB");
      }
      MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return parse(ElfFile.parse(bytes.order(ByteOrder.LITTLE_ENDIAN)), GoBinary.read(file));
    } catch (IOException e) {
      return none("it cannot be read: " + e.getMessage());
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
    Optional<FunctionTable> go = GoSymbols.functions(elf, binary);
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
    return elf.map(file -> file.segments().stream().anyMatch(s -> s.type() == ElfFile.INTERPRETER))
        .orElse(false);
  }

  /** The version of Go that built it, such as {@code go1.26.1}; empty when it does not say. */
  public Optional<String> goVersion() {
    return elf.flatMap(
        file ->
            file.section(".go.buildinfo")
                .filter(section -> file.isText(section.offset(), BUILD_INFO))
                .filter(section -> (file.byteAt(section.offset() + 15) & 2) != 0)
                .map(section -> inlineText(file, section.offset() + 32)));
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
          if (file.entry() != 0) {
            offset(file, file.entry()).ifPresent(at -> steps.put(ENTRY, at));
          }
          for (String name : go ? GO_STEPS : List.of("main")) {
            functionOffset(file, name).ifPresent(at -> steps.put(name, at));
          }
          if (go) {
            functionOffset(file, PACKAGE_INIT)
                .or(() -> functionOffset(file, PACKAGE_INIT_BEFORE_121))
                .ifPresent(at -> steps.put(PACKAGE_INIT, at));
          }
        });
    return steps;
  }

  private Optional<Long> functionOffset(ElfFile file, String name) {
    OptionalLong address = functions.map(table -> table.address(name)).orElse(OptionalLong.empty());
    return address.isPresent() ? offset(file, address.getAsLong()) : Optional.empty();
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
    String mark = "..inittask";
    var packages = new LinkedHashMap<Long, String>();
    elf.ifPresent(
        file ->
            ElfSymbols.named(file, name -> name.endsWith(mark))
                .forEach(
                    (address, name) ->
                        packages.put(
                            address,
                            name.substring(0, name.length() - mark.length()).replace("%2e", "."))));
    return packages;
  }

  /** The function at an address of the file, before a loader has moved it. */
  Optional<String> function(long address) {
    try {
      return functions.flatMap(table -> table.at(address));
    } catch (IndexOutOfBoundsException e) {
      return Optional.empty(); // a name that lies outside of the file
    }
  }

  /** The address that the byte at this file offset has before a loader moves it. */
  OptionalLong address(long fileOffset) {
    return elf.map(file -> file.address(fileOffset)).orElse(OptionalLong.empty());
  }
}
