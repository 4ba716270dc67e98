package dev.thaw.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Service addresses: {@code 127.100.0.1:8080} and {@code [::1]:8080}. Never asks a name server. */
final class Addresses {

  static final String ACCEPTED =
      "an address that one host can have and a port from 1 to 65535, such as 127.100.0.1:8080 or"
          + " [::1]:8080";

  private static final Pattern V4 = Pattern.compile("([0-9.]{7,15}):([0-9]{1,5})");
  private static final Pattern V6 =
      Pattern.compile("\\[([0-9a-fA-F]{0,4}:[0-9a-fA-F:]{1,38})]:([0-9]{1,5})");
  private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern OCTETS = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");

  private Addresses() {}

  /** The endpoint in its one canonical form. */
  static Optional<Endpoint> parse(String text) {
    Matcher v4 = V4.matcher(text);
    Matcher v6 = V6.matcher(text);
    if (v4.matches() && OCTETS.matcher(v4.group(1)).matches()) {
      return endpoint(v4.group(1), v4.group(2));
    }
    return v6.matches() ? endpoint(v6.group(1), v6.group(2)) : Optional.empty();
  }

  private static Optional<Endpoint> endpoint(String host, String port) {
    int number = Integer.parseInt(port);
    if (number < 1 || number > 65_535) {
      return Optional.empty();
    }
    try {
      InetAddress address = InetAddress.getByName(host); // a literal by its form: nothing is asked
      boolean mapped = host.indexOf(':') >= 0 && address.getAddress().length == 4;
      boolean everyone = host.equals("255.255.255.255");
      if (mapped || everyone || address.isAnyLocalAddress() || address.isMulticastAddress()) {
        return Optional.empty();
      }
      byte[] bytes = address.getAddress();
      return Optional.of(new Endpoint(bytes.length == 4 ? host : v6Text(bytes), number));
    } catch (UnknownHostException notAnAddress) {
      return Optional.empty();
    }
  }

  /** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::". */
  private static String v6Text(byte[] bytes) {
    int[] groups = new int[8];
    for (int i = 0; i < 8; i++) {
      groups[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
    }
    int runStart = -1;
    int runLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && groups[i + length] == 0) {
        length++;
      }
      if (length > runLength) {
        runStart = i;
        runLength = length;
      }
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == runStart) {
        text.append("::");
        i += runLength - 1;
      } else {
        text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
        text.append(Integer.toHexString(groups[i]));
      }
    }
    return text.toString();
  }
}
