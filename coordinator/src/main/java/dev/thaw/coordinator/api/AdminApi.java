package dev.thaw.coordinator.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.thaw.config.PodUid;
import dev.thaw.config.WarmupPolicy;
import dev.thaw.coordinator.feed.Feed;
import dev.thaw.coordinator.feed.FeedEvent;
import dev.thaw.coordinator.feed.FeedSettings;
import dev.thaw.coordinator.local.LocalPods;
import dev.thaw.coordinator.metrics.Metrics;
import dev.thaw.coordinator.workload.Input;
import dev.thaw.coordinator.workload.JournalHealth;
import dev.thaw.coordinator.workload.Verb;
import dev.thaw.coordinator.workload.WorkloadActor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.PathMatchers;
import org.apache.pekko.http.javadsl.server.Route;
import org.apache.pekko.http.javadsl.unmarshalling.Unmarshaller;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/**
 * The admin API: reads for everybody who reaches it, verbs for who has the token. Loopback only;
 * every answer is JSON but the metrics page and the feed.
 */
public final class AdminApi extends AllDirectives {
  private static final Set<String> VERBS = Set.of("pause", "resume", "promote", "abort", "retry");

  private final ObjectMapper json = new ObjectMapper();
  private final ActorSystem<?> system;
  private final WarmupPolicy policy;
  private final byte[] authorization;
  private final EntityRef<WorkloadActor.Command> workload;
  private final ActorRef<LocalPods.Command> source;
  private final ActorRef<Feed.Command> feed;
  private final Views views;
  private final Metrics metrics;
  private final JournalHealth journal;
  private final Duration patience;
  private final int lag;

  public AdminApi(
      ActorSystem<?> system,
      WarmupPolicy policy,
      String token,
      EntityRef<WorkloadActor.Command> workload,
      ActorRef<LocalPods.Command> source,
      ActorRef<Feed.Command> feed,
      Views views,
      Metrics metrics,
      JournalHealth journal,
      AdminSettings settings,
      FeedSettings follow) {
    this.system = system;
    this.policy = policy;
    this.authorization = ("Bearer " + token).getBytes(StandardCharsets.UTF_8);
    this.workload = workload;
    this.source = source;
    this.feed = feed;
    this.views = views;
    this.metrics = metrics;
    this.journal = journal;
    this.patience = settings.verb();
    this.lag = follow.lag();
  }

  /** Everything that is answered. */
  public Route route() {
    return concat(
        get(this::reads),
        post(() -> authorized(this::verbs)),
        complete(answer(404, Map.of("error", "no such page (see docs/reference/admin-api.md)"))));
  }

  private Route reads() {
    return concat(
        path("health", () -> complete(answer(200, Map.of("status", "up")))),
        path("ready", () -> completeWithFuture(views.troubles().thenApply(this::ready))),
        path(
            "metrics",
            () ->
                complete(
                    HttpResponse.create()
                        .withEntity(ContentTypes.TEXT_PLAIN_UTF8, metrics.page()))),
        pathPrefix(
            "v1",
            () ->
                concat(
                    path("events", () -> complete(events())),
                    path(
                        "workloads",
                        () ->
                            completeWithFuture(
                                guarded(
                                    views
                                        .workload()
                                        .thenApply(
                                            one ->
                                                answer(200, Map.of("workloads", List.of(one))))))),
                    path(
                        PathMatchers.segment("workloads").slash(PathMatchers.segment()),
                        name ->
                            name.equals(policy.name())
                                ? completeWithFuture(
                                    guarded(views.workload().thenApply(one -> answer(200, one))))
                                : complete(unknown("workload", name))),
                    path(
                        PathMatchers.segment("pods").slash(PathMatchers.segment()),
                        name ->
                            completeWithFuture(
                                guarded(
                                    views
                                        .pod(name)
                                        .thenApply(
                                            pod ->
                                                pod.map(found -> answer(200, found))
                                                    .orElseGet(() -> unknown("pod", name)))))))));
  }

  private HttpResponse ready(List<String> found) {
    List<String> troubles = Stream.concat(journal.trouble().stream(), found.stream()).toList();
    return troubles.isEmpty()
        ? answer(200, Map.of("status", "ready"))
        : answer(503, Map.of("status", "not ready", "reasons", troubles));
  }

  private Route verbs() {
    return pathPrefix(
        "v1",
        () ->
            pathPrefix(
                PathMatchers.segment(),
                kind ->
                    path(
                        PathMatchers.segment().slash(PathMatchers.segment()),
                        (name, verb) ->
                            entity(
                                Unmarshaller.entityToString(),
                                body ->
                                    completeWithFuture(
                                        guarded(operate(kind, name, verb, body)))))));
  }

  private Route authorized(java.util.function.Supplier<Route> inner) {
    return optionalHeaderValueByName(
        "Authorization",
        header ->
            header
                    .filter(
                        said ->
                            MessageDigest.isEqual(
                                said.getBytes(StandardCharsets.UTF_8), authorization))
                    .isPresent()
                ? inner.get()
                : complete(
                    answer(
                        401,
                        Map.of(
                            "error",
                            "a verb needs the header Authorization: Bearer <token>; the token is"
                                + " in the state folder"))));
  }

  private CompletionStage<HttpResponse> operate(
      String kind, String name, String verb, String body) {
    JsonNode options;
    try {
      options = body.isBlank() ? json.createObjectNode() : json.readTree(body);
    } catch (JsonProcessingException e) {
      return done(answer(400, Map.of("error", "the body is no JSON: " + e.getOriginalMessage())));
    }
    if (!options.isObject()) {
      return done(answer(400, Map.of("error", "the body is " + body + " (expected: an object)")));
    }
    boolean whole = kind.equals("workloads");
    if (!whole && !kind.equals("pods")) {
      return done(answer(404, Map.of("error", "no " + kind + " (expected: workloads or pods)")));
    } else if (whole && !name.equals(policy.name())) {
      return done(unknown("workload", name));
    } else if (whole && verb.equals("scale")) {
      return scale(options);
    } else if (!whole && verb.equals("restart")) {
      return restart(name);
    } else if (!VERBS.contains(verb)) {
      return done(
          answer(
              404,
              Map.of(
                  "error",
                  "no verb %s for a %s (expected: pause, resume, promote, abort, retry%s)"
                      .formatted(
                          verb, whole ? "workload" : "pod", whole ? ", scale" : ", restart"))));
    }
    return whole
        ? word(verb, List.of(), options)
        : views
            .uid(name)
            .thenCompose(
                uid ->
                    uid.map(found -> word(verb, List.of(found), options))
                        .orElseGet(() -> done(unknown("pod", name))));
  }

  private CompletionStage<HttpResponse> word(String verb, List<PodUid> pods, JsonNode options) {
    var word =
        new Input.Command(
            Verb.valueOf(verb.toUpperCase(Locale.ROOT)),
            pods,
            options.path("full").asBoolean(false),
            options.path("force").asBoolean(false));
    return AskPattern.<WorkloadActor.Command, WorkloadActor.Answer>ask(
            workload,
            replyTo -> new WorkloadActor.Operate(word, replyTo),
            patience,
            system.scheduler())
        .thenApply(this::answered);
  }

  private CompletionStage<HttpResponse> scale(JsonNode options) {
    if (!options.path("replicas").canConvertToInt() || !options.path("replicas").isInt()) {
      return done(
          answer(
              400,
              Map.of(
                  "error",
                  "replicas: " + options.path("replicas") + " (expected: a whole number)")));
    }
    return told(replyTo -> new LocalPods.Scale(options.path("replicas").asInt(), replyTo));
  }

  private CompletionStage<HttpResponse> restart(String pod) {
    return views
        .uid(pod)
        .thenCompose(
            uid ->
                uid.isEmpty()
                    ? done(unknown("pod", pod))
                    : told(replyTo -> new LocalPods.Restart(pod, replyTo)));
  }

  private CompletionStage<HttpResponse> told(
      Function<ActorRef<WorkloadActor.Answer>, LocalPods.Command> message) {
    return AskPattern.<LocalPods.Command, WorkloadActor.Answer>ask(
            source, message::apply, patience, system.scheduler())
        .thenApply(this::answered);
  }

  private HttpResponse answered(WorkloadActor.Answer answer) {
    return answer.accepted()
        ? answer(200, Map.of("done", answer.said()))
        : answer(409, Map.of("error", answer.said()));
  }

  /** Never blocks the feed: who is too slow misses lines, which is counted. */
  private HttpResponse events() {
    Source<ByteString, NotUsed> lines =
        Source.<ByteString>queue(lag)
            .watchTermination(
                (queue, ended) -> {
                  feed.tell(new Feed.Follow(queue, event -> follow(queue, event)));
                  ended.whenComplete((done, thrown) -> feed.tell(new Feed.Unfollow(queue)));
                  return NotUsed.getInstance();
                });
    return HttpResponse.create()
        .withEntity(
            HttpEntities.create(
                MediaTypes.applicationWithFixedCharset(
                        "x-ndjson", org.apache.pekko.http.javadsl.model.HttpCharsets.UTF_8)
                    .toContentType(),
                lines));
  }

  private void follow(BoundedSourceQueue<ByteString> queue, FeedEvent event) {
    if (!queue.offer(ByteString.fromString(event.toJson() + "\n")).isEnqueued()) {
      metrics.feedDropped();
    }
  }

  private CompletionStage<HttpResponse> guarded(CompletionStage<HttpResponse> answer) {
    return answer.exceptionally(
        thrown -> {
          system.log().warn("admin request failed why={}", thrown.toString());
          String why =
              journal.trouble().orElse("the coordinator did not answer in time; try again");
          return answer(503, Map.of("error", why));
        });
  }

  private static CompletionStage<HttpResponse> done(HttpResponse response) {
    return CompletableFuture.completedFuture(response);
  }

  private HttpResponse unknown(String what, String name) {
    return answer(404, Map.of("error", "no " + what + " " + name));
  }

  private HttpResponse answer(int status, Map<String, ?> body) {
    try {
      return HttpResponse.create()
          .withStatus(status)
          .withEntity(ContentTypes.APPLICATION_JSON, json.writeValueAsString(body));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an answer that is no JSON: " + body, e);
    }
  }
}
