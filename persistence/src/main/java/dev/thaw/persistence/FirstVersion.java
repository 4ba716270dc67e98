package dev.thaw.persistence;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.pekko.serialization.jackson.JacksonMigration;

/**
 * Marks a stored class that still has the shape it was first released with: its rows say version 1,
 * so that a later shape can tell them apart. Made by the serializer, from {@code reference.conf}.
 */
public final class FirstVersion extends JacksonMigration {

  @Override
  public int currentVersion() {
    return 1;
  }

  @Override
  public JsonNode transform(int fromVersion, JsonNode json) {
    return json;
  }
}
