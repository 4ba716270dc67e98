package dev.thaw.coordinator.node;

import dev.thaw.config.Endpoint;
import dev.thaw.config.PodName;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.persistence.WeightTable;
import dev.thaw.protocol.v1.Address;
import dev.thaw.protocol.v1.ScrapePlan;
import dev.thaw.protocol.v1.ServeTable;
import dev.thaw.protocol.v1.TableEntry;
import dev.thaw.protocol.v1.TrackPod;

/** What a policy and a table are in a node's words. Pure. */
public final class NodeOrders {

  private NodeOrders() {}

  /** Everything a node must know of a pod to watch, probe, warm and scrape it by itself. */
  public static TrackPod track(WarmupPolicy policy, PodUid uid, PodName name, Endpoint endpoint) {
    var order =
        TrackPod.newBuilder()
            .setPodUid(uid.value())
            .setPodName(name.value())
            .setWorkload(policy.name())
            .setAddress(address(endpoint))
            .setProbe(ProbeOrders.probe(policy.probe()));
    policy.warmup().ifPresent(warmup -> order.setWarmup(ProbeOrders.warmup(warmup)));
    policy
        .metrics()
        .ifPresent(
            metrics ->
                metrics
                    .scrape()
                    .ifPresent(
                        scrape -> order.setScrape(scrape(policy, metrics, scrape, endpoint))));
    return order.build();
  }

  /** A whole table; the service is answered by Thaw alone, so it is kept when Thaw is silent. */
  public static ServeTable table(WarmupPolicy policy, WeightTable table) {
    var order =
        ServeTable.newBuilder()
            .setWorkload(policy.name())
            .setTerm(table.term())
            .setVersion(table.version())
            .setService(address(policy.service()))
            .setOnSilence(ServeTable.OnSilence.KEEP);
    table
        .entries()
        .forEach(
            entry ->
                order.addEntries(
                    TableEntry.newBuilder()
                        .setPodUid(entry.pod().value())
                        .setSlot(entry.slot())
                        .setAddress(address(entry.endpoint()))
                        .setWeight(entry.weight())));
    return order.build();
  }

  private static ScrapePlan scrape(
      WarmupPolicy policy,
      WarmupPolicy.Metrics metrics,
      WarmupPolicy.Scrape scrape,
      Endpoint endpoint) {
    return ScrapePlan.newBuilder()
        .setAddress(address(metricsPage(policy, endpoint)))
        .setPath(scrape.path())
        .setIntervalNanos(scrape.interval().toNanos())
        .setRequestsSeries(metrics.series().requests())
        .setErrorsSelector(metrics.series().errors())
        .setLatencySeries(metrics.series().latency())
        .setSlowAfterSeconds(metrics.slowAfter().toNanos() / 1e9)
        .build();
  }

  /** Where the metrics of a pod at this address are. */
  public static Endpoint metricsPage(WarmupPolicy policy, Endpoint pod) {
    return policy
        .metrics()
        .flatMap(WarmupPolicy.Metrics::scrape)
        .filter(scrape -> scrape.port() != policy.targetPort())
        .map(scrape -> new Endpoint(pod.host(), scrape.port()))
        .orElse(pod);
  }

  /** An endpoint on the wire. */
  public static Address address(Endpoint endpoint) {
    return Address.newBuilder().setHost(endpoint.host()).setPort(endpoint.port()).build();
  }
}
