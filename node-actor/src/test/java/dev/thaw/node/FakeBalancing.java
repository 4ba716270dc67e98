package dev.thaw.node;

import dev.thaw.bpf.Balancer;
import dev.thaw.bpf.Balancing;
import dev.thaw.bpf.BpfException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A balancer in memory; guarded by itself. What it holds outlives its owner, as pins do. */
final class FakeBalancing implements Balancing {
  final Map<Integer, InetSocketAddress> services = new HashMap<>();
  final Map<Integer, Balancer.AppliedTable> tables = new HashMap<>();
  List<Balancer.PickCount> picks = List.of();
  boolean failing;
  boolean beatFails;
  boolean closed;
  boolean unpinned;
  int beats;

  @Override
  public synchronized void define(int id, InetSocketAddress at, Balancer.OnSilence onSilence) {
    services.put(id, at);
  }

  @Override
  public synchronized void remove(InetSocketAddress address) {
    services.values().remove(address);
  }

  @Override
  public synchronized Map<Integer, InetSocketAddress> services() {
    return Map.copyOf(services);
  }

  @Override
  public synchronized void apply(int id, long epoch, List<Balancer.Backend> backends) {
    if (failing) {
      throw new BpfException("the kernel has no memory");
    }
    tables.put(id, new Balancer.AppliedTable(epoch, backends));
  }

  @Override
  public synchronized Optional<Balancer.AppliedTable> table(int id) {
    return Optional.ofNullable(tables.get(id));
  }

  @Override
  public synchronized List<Balancer.PickCount> picks(int id) {
    return picks;
  }

  @Override
  public synchronized void beat() {
    if (beatFails) {
      beatFails = false;
      throw new BpfException("map beat cannot be written");
    }
    beats++;
  }

  @Override
  public synchronized void unpin() {
    unpinned = true;
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
