package dev.thaw.bpf;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What whoever owns a balancer asks of it; {@link Balancer} does it in the kernel. */
public interface Balancing extends AutoCloseable {

  /**
   * Makes connects to an address this service's; without a table they go through unchanged.
   *
   * @param id 0 to 63
   */
  void define(int id, InetSocketAddress address, Balancer.OnSilence onSilence);

  /** Lets connects to this address go where they say again. */
  void remove(InetSocketAddress address);

  /** Which address has which id. */
  Map<Integer, InetSocketAddress> services();

  /**
   * Replaces a service's table as a whole; in force for every connect that begins after this
   * returns, and never half.
   *
   * @param backends at most 256, at least one; the empty table is given as an empty list and sends
   *     connects through
   * @throws BpfException when it could not be replaced
   */
  void apply(int id, long epoch, List<Balancer.Backend> backends);

  /** The table in force; empty when this service never had one. */
  Optional<Balancer.AppliedTable> table(int id);

  /** The counters of a service, of every epoch that is still kept. */
  List<Balancer.PickCount> picks(int id);

  /** The agent's sign of life, for services that pass through on silence; at least every 2 s. */
  void beat();

  /** Ends the balancing and forgets everything. */
  void unpin();

  /** Lets go; the balancing goes on. */
  @Override
  void close();
}
