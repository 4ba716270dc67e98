package dev.thaw.persistence;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;

/**
 * Writes the golden bytes of events that have none yet; a file that exists is never written again.
 * Run by hand when an event is added: {@code mvn -pl persistence -am test-compile exec:java
 * -Dexec.mainClass=dev.thaw.persistence.GoldenEvents -Dexec.classpathScope=test
 * -Dexec.args=persistence/src/test/resources/events/v1}
 */
final class GoldenEvents {

  private GoldenEvents() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    ActorSystem<Void> system =
        ActorSystem.create(Behaviors.empty(), "golden", ConfigFactory.load());
    try {
      Serialization serialization = SerializationExtension.get(system);
      for (WorkloadEvent event : SampleEvents.all()) {
        Path file = folder.resolve(SampleEvents.fileName(event));
        if (Files.notExists(file)) {
          Files.write(file, serialization.serialize(event).get());
          System.out.println("written: " + file);
        }
      }
    } finally {
      system.terminate();
    }
  }
}
