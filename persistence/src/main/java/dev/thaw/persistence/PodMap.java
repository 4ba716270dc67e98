package dev.thaw.persistence;

import dev.thaw.config.PodUid;
import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Something for each pod, in the order in which the pods came. Immutable: {@link #with} and its
 * like make another map that shares with this one what did not change. Another value for a pod
 * costs the copy of one page of 32, a pod that comes or goes the copy of the index. Any thread.
 */
public final class PodMap<V> extends AbstractMap<PodUid, V> {
  private static final int PAGE = 32;
  private static final PodMap<?> EMPTY = new PodMap<>(Map.of(), new Object[0][]);

  /** Each pod's place in the pages; never changed once a map has it. */
  private final Map<PodUid, Integer> places;

  private final Object[][] pages;

  private PodMap(Map<PodUid, Integer> places, Object[][] pages) {
    this.places = places;
    this.pages = pages;
  }

  /** Nothing for nobody. */
  @SuppressWarnings("unchecked") // it holds no value
  public static <V> PodMap<V> empty() {
    return (PodMap<V>) EMPTY;
  }

  @Override
  @SuppressWarnings("SuspiciousMethodCalls")
  public @Nullable V get(Object pod) {
    Integer place = places.get(pod);
    return place == null ? null : at(place);
  }

  @Override
  public boolean containsKey(Object pod) {
    return places.containsKey(pod);
  }

  @Override
  public int size() {
    return places.size();
  }

  /** This map with another value for one pod. */
  public PodMap<V> with(PodUid pod, V value) {
    Integer place = places.get(pod);
    if (place != null) {
      return value == at(place) ? this : new PodMap<>(places, put(place, value));
    }
    int free = firstFree();
    var more = new LinkedHashMap<>(places);
    more.put(pod, free);
    return new PodMap<>(more, put(free, value));
  }

  /** This map without one pod. */
  public PodMap<V> without(PodUid pod) {
    Integer place = places.get(pod);
    if (place == null) {
      return this;
    }
    var fewer = new LinkedHashMap<>(places);
    fewer.remove(pod);
    return new PodMap<>(fewer, put(place, null));
  }

  /** This map with each value changed; pages in which none changes are shared. */
  public PodMap<V> each(BiFunction<PodUid, V, V> change) {
    Object[][] changed = pages.clone();
    places.forEach(
        (pod, place) -> {
          V before = at(place);
          V after = change.apply(pod, before);
          if (after != before) {
            int page = place / PAGE;
            if (changed[page] == pages[page]) {
              changed[page] = pages[page].clone();
            }
            changed[page][place % PAGE] = after;
          }
        });
    return new PodMap<>(places, changed);
  }

  /**
   * Whether two maps show the same by this sight of them; a pod that shows nothing is as good as
   * absent. Cheap where one came from the other without that a pod came or went: only pages that
   * differ are looked at.
   */
  public boolean sameBy(Function<? super V, Optional<?>> sight, PodMap<V> other) {
    if (places != other.places) {
      return seen(sight).equals(other.seen(sight));
    }
    for (int page = 0; page < pages.length; page++) {
      if (pages[page] != other.pages[page] && !samePage(sight, other, page)) {
        return false;
      }
    }
    return true;
  }

  private boolean samePage(Function<? super V, Optional<?>> sight, PodMap<V> other, int page) {
    for (int place = page * PAGE; place < (page + 1) * PAGE; place++) {
      if (pages[page][place % PAGE] != other.pages[page][place % PAGE]
          && !sight.apply(at(place)).equals(sight.apply(other.at(place)))) {
        return false;
      }
    }
    return true;
  }

  private Map<PodUid, Object> seen(Function<? super V, Optional<?>> sight) {
    var seen = new LinkedHashMap<PodUid, Object>();
    places.forEach((pod, place) -> sight.apply(at(place)).ifPresent(it -> seen.put(pod, it)));
    return seen;
  }

  @SuppressWarnings("unchecked") // nothing else is ever put there
  private V at(int place) {
    return (V) pages[place / PAGE][place % PAGE];
  }

  private Object[][] put(int place, @Nullable Object value) {
    int page = place / PAGE;
    Object[][] changed = Arrays.copyOf(pages, Math.max(pages.length, page + 1));
    changed[page] = page < pages.length ? pages[page].clone() : new Object[PAGE];
    changed[page][place % PAGE] = value;
    return changed;
  }

  private int firstFree() {
    for (int place = 0; place < pages.length * PAGE; place++) {
      if (pages[place / PAGE][place % PAGE] == null) {
        return place;
      }
    }
    return pages.length * PAGE;
  }

  @Override
  public Collection<V> values() {
    return new AbstractCollection<>() {
      @Override
      public Iterator<V> iterator() {
        return through(each -> at(each.getValue()));
      }

      @Override
      public int size() {
        return places.size();
      }
    };
  }

  @Override
  public Set<Entry<PodUid, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Entry<PodUid, V>> iterator() {
        return through(each -> Map.entry(each.getKey(), at(each.getValue())));
      }

      @Override
      public int size() {
        return places.size();
      }
    };
  }

  private <T> Iterator<T> through(Function<Entry<PodUid, Integer>, T> sight) {
    Iterator<Entry<PodUid, Integer>> each = places.entrySet().iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return each.hasNext();
      }

      @Override
      public T next() {
        return sight.apply(each.next());
      }
    };
  }
}
