package dev.thaw.config;

import dev.thaw.config.YamlValue.Fields;
import dev.thaw.config.YamlValue.Items;
import dev.thaw.config.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Turns YAML text into a tree with places. A policy needs no anchors, aliases, tags or second
 * documents, so those are refused as they are met: nothing can grow beyond the text itself.
 */
final class YamlSource {

  private static final int DEEPEST = 32;

  private final String source;
  private final boolean shipped;
  private final Problems problems;
  private Place reached;

  private YamlSource(String source, boolean shipped, Problems problems) {
    this.source = source;
    this.shipped = shipped;
    this.problems = problems;
    this.reached = new Place(1, 1, shipped);
  }

  /** The document's fields; empty if a problem was added that makes the rest unreadable. */
  static Optional<Fields> read(String source, boolean shipped, Problems problems) {
    return new YamlSource(source, shipped, problems).document();
  }

  private Optional<Fields> document() {
    Place start = reached;
    if (source.length() > PolicyReader.LARGEST) {
      problems.add("", start, source.length() + " characters", "at most " + PolicyReader.LARGEST);
      return Optional.empty();
    }
    try {
      return root(start);
    } catch (Refused refused) {
      problems.add(refused.path, refused.place, refused.value, refused.accepted);
    } catch (MarkedYamlEngineException broken) {
      brokenYaml(broken, start);
    } catch (ReaderException character) {
      problems.add(
          "",
          placeOf(character.getPosition()),
          "character U+%04X".formatted(character.getCodePoint()),
          "printable text");
    } catch (YamlEngineException broken) {
      problems.add("", reached, String.valueOf(broken.getMessage()), "YAML");
    } catch (IllegalArgumentException broken) { // the scanner's answer to "\\x and the like
      problems.add("", reached, "not YAML: a broken escape after this place", "YAML");
    }
    return Optional.empty();
  }

  private Optional<Fields> root(Place start) {
    LoadSettings settings = LoadSettings.builder().setCodePointLimit(PolicyReader.LARGEST).build();
    Iterator<Event> events = new Parse(settings).parseString(source).iterator();
    events.next(); // the stream's start
    if (!(events.next() instanceof DocumentStartEvent)) {
      throw new Refused("", start, "empty", "a WarmupPolicy");
    }
    YamlValue root = value(events.next(), events, "", 0);
    events.next(); // the document's end
    Event after = events.next();
    if (after instanceof DocumentStartEvent) {
      throw new Refused("", place(after), "a second document", "one policy in a file");
    }
    if (root instanceof Fields fields) {
      return Optional.of(fields);
    }
    throw new Refused("", root.place(), root.shown(), "a WarmupPolicy");
  }

  private YamlValue value(Event event, Iterator<Event> events, String path, int depth) {
    reached = place(event);
    if (event instanceof AliasEvent || ((NodeEvent) event).getAnchor().isPresent()) {
      throw new Refused(path, place(event), "an anchor or alias", "the value itself");
    }
    if (depth > DEEPEST) {
      throw new Refused(path, place(event), "nested too deeply", "at most " + DEEPEST + " levels");
    }
    if (event instanceof MappingStartEvent mapping) {
      refuseTag(mapping.getTag(), event, path);
      return fields(event, events, path, depth);
    }
    if (event instanceof SequenceStartEvent sequence) {
      refuseTag(sequence.getTag(), event, path);
      return items(event, events, path, depth);
    }
    ScalarEvent scalar = (ScalarEvent) event;
    refuseTag(scalar.getTag(), event, path);
    return new Scalar(scalar.getValue(), scalar.isPlain(), place(event));
  }

  private Fields fields(Event start, Iterator<Event> events, String path, int depth) {
    Map<String, YamlValue> values = new LinkedHashMap<>();
    Map<String, Place> keys = new LinkedHashMap<>();
    for (Event next = events.next(); goesOn(next, Event.ID.MappingEnd); next = events.next()) {
      if (!(value(next, events, path, depth + 1) instanceof Scalar key)) {
        throw new Refused(path, place(next), "a list or section as key", "a name");
      }
      String child = path.isEmpty() ? key.text() : path + "." + key.text();
      YamlValue value = value(events.next(), events, child, depth + 1);
      if (values.putIfAbsent(key.text(), value) == null) {
        keys.put(key.text(), key.place());
      } else {
        problems.add(child, key.place(), "written twice", "once");
      }
    }
    return new Fields(values, keys, place(start));
  }

  private Items items(Event start, Iterator<Event> events, String path, int depth) {
    List<YamlValue> values = new ArrayList<>();
    for (Event next = events.next(); goesOn(next, Event.ID.SequenceEnd); next = events.next()) {
      values.add(value(next, events, path + "[" + values.size() + "]", depth + 1));
    }
    return new Items(values, place(start));
  }

  private static boolean goesOn(Event event, Event.ID end) {
    return event.getEventId() != end;
  }

  private void refuseTag(Optional<String> tag, Event event, String path) {
    if (tag.isPresent()) {
      throw new Refused(path, place(event), "tag " + tag.get(), "a value without a tag");
    }
  }

  private void brokenYaml(MarkedYamlEngineException broken, Place start) {
    Place place = broken.getProblemMark().map(this::place).orElse(start);
    String line = source.lines().skip(place.line() - 1L).findFirst().orElse("");
    if (line.strip().length() < line.length() && line.replaceAll("\\S.*", "").contains("\t")) {
      problems.add("", place, "a tab in the indentation", "spaces");
    } else {
      problems.add("", place, "not YAML: " + broken.getProblem(), "YAML");
    }
  }

  private Place place(Event event) {
    return event.getStartMark().map(this::place).orElse(new Place(1, 1, shipped));
  }

  private Place place(Mark mark) {
    return new Place(mark.getLine() + 1, mark.getColumn() + 1, shipped);
  }

  private Place placeOf(int position) {
    String before = source.substring(0, Math.min(position, source.length()));
    int lineStart = before.lastIndexOf('\n') + 1;
    int line = 1 + (int) before.chars().filter(c -> c == '\n').count();
    return new Place(line, before.length() - lineStart + 1, shipped);
  }

  /** Leaves the descent at the first thing that cannot be read further. */
  private static final class Refused extends RuntimeException {
    final String path;
    final transient Place place;
    final String value;
    final String accepted;

    Refused(String path, Place place, String value, String accepted) {
      super(value, null, false, false);
      this.path = path;
      this.place = place;
      this.value = value;
      this.accepted = accepted;
    }
  }
}
