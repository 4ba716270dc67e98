package dev.thaw.node;

import dev.thaw.protocol.v1.AdoptionDone;
import dev.thaw.protocol.v1.CountersReport;
import dev.thaw.protocol.v1.EventsLost;
import dev.thaw.protocol.v1.FromNode;
import dev.thaw.protocol.v1.PoolReport;
import dev.thaw.protocol.v1.ProbeReport;
import dev.thaw.protocol.v1.ProcessFailed;
import dev.thaw.protocol.v1.StartRef;
import dev.thaw.protocol.v1.WarmupReport;

/**
 * What has become of processes, kernel events, probes, warm-ups and scrapes, in the protocol's
 * words. Pure.
 */
final class Reports {
  private Reports() {}

  static FromNode notStarted(String podUid, String why) {
    return FromNode.newBuilder()
        .setProcessFailed(ProcessFailed.newBuilder().setPodUid(podUid).setDetail(why))
        .build();
  }

  static FromNode adopted(int adopted, int gone) {
    return FromNode.newBuilder()
        .setAdoptionDone(AdoptionDone.newBuilder().setAdopted(adopted).setGone(gone))
        .build();
  }

  static FromNode lost(long total) {
    return FromNode.newBuilder().setEventsLost(EventsLost.newBuilder().setTotal(total)).build();
  }

  static FromNode probed(StartRef start, ProbeOutcome outcome, Streak streak) {
    return FromNode.newBuilder()
        .setProbeReport(
            ProbeReport.newBuilder()
                .setStart(start)
                .setOutcome(outcome.kind())
                .setDetail(outcome.detail())
                .setSuccessesInRow(streak.successes())
                .setFailuresInRow(streak.failures())
                .setSentNanos(outcome.sentNanos())
                .setAnsweredNanos(outcome.answeredNanos())
                .setProtocol(outcome.protocol())
                .setInside(outcome.inside()))
        .build();
  }

  static FromNode warmed(StartRef start, WarmupRun.Result result, WarmPool.Counts pool) {
    WarmupLog.Counts counts = result.counts();
    return FromNode.newBuilder()
        .setWarmupReport(
            WarmupReport.newBuilder()
                .setStart(start)
                .setSent(counts.sent())
                .setErrors(counts.errors())
                .setP50FirstNanos(counts.p50FirstNanos())
                .setP50LastNanos(counts.p50LastNanos())
                .setBeganNanos(result.beganNanos())
                .setEndedNanos(result.endedNanos())
                .setLastError(counts.lastError())
                .setWarmConnections(pool.warm())
                .setColdConnections(pool.cold())
                .setPlateauAfter(counts.plateauAfter())
                .addAllCourseNanos(counts.courseNanos()))
        .build();
  }

  static FromNode pool(StartRef start, WarmPool.Counts counts, long atNanos) {
    return FromNode.newBuilder()
        .setPoolReport(
            PoolReport.newBuilder()
                .setStart(start)
                .setWarmConnections(counts.warm())
                .setColdConnections(counts.cold())
                .setAtNanos(atNanos))
        .build();
  }

  static FromNode counted(StartRef start, CountersReport.Builder counters, long atNanos) {
    return FromNode.newBuilder()
        .setCountersReport(counters.setStart(start).setAtNanos(atNanos))
        .build();
  }
}
