package dev.thaw.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/** The forms that texts of a policy may have, and how to say so. */
final class Texts {

  static final String NAME = "1 to 40 of a-z, 0-9 and -";
  static final String PATH =
      "a path that starts with /, without spaces, of at most 2048 characters";
  static final String URL = "an http or https URL of a server, such as http://127.0.0.1:9090";
  static final String SERIES =
      "the name of a series, such as http_requests_total or name{label=\"x\"}";
  static final String MATCHERS = "label matchers, such as code=~\"5..\"";

  static final String HEADER_NAME = "a header's name of letters, digits and -, such as X-Tenant";
  static final String HEADER_VALUE = "a header's value of at most 1024 visible characters";
  static final String SERVICE_NAME = "empty, or the name of a gRPC service, such as shop.Orders";

  private static final Pattern HEADER_NAMES = Pattern.compile("[A-Za-z][A-Za-z0-9-]{0,99}");
  private static final Pattern HEADER_VALUES =
      Pattern.compile("[\\x21-\\x7e]([ -~]{0,1022}[\\x21-\\x7e])?");
  private static final Pattern SERVICE_NAMES = Pattern.compile("[A-Za-z0-9_./-]{0,200}");
  private static final Pattern NAMES = Pattern.compile("[a-z0-9-]{1,40}");
  private static final Pattern PATHS = Pattern.compile("/[\\x21-\\x7e]{0,2047}");
  private static final Pattern WORDS = Pattern.compile("[^\\s\\p{Cntrl}\\p{Cs}]{1,1024}");
  private static final String MATCHER =
      "\\s*[a-zA-Z_][a-zA-Z0-9_]*\\s*(=|!=|=~|!~)\\s*\"([^\"\\\\\\p{Cntrl}\\p{Cs}]|\\\\[^\\p{Cntrl}\\p{Cs}])*+\"\\s*";
  private static final String LIST = MATCHER + "(," + MATCHER + ")*+";
  private static final Pattern MATCHERS_FORM = Pattern.compile(LIST);
  private static final Pattern SERIES_FORM =
      Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*+(\\{" + LIST + "})?");
  private static final int LONGEST = 2048;

  private Texts() {}

  static boolean isName(String text) {
    return NAMES.matcher(text).matches();
  }

  static boolean isPath(String text) {
    return PATHS.matcher(text).matches();
  }

  static boolean isHeaderName(String text) {
    return HEADER_NAMES.matcher(text).matches();
  }

  static boolean isHeaderValue(String text) {
    return HEADER_VALUES.matcher(text).matches();
  }

  static boolean isServiceName(String text) {
    return SERVICE_NAMES.matcher(text).matches();
  }

  /** One word: no spaces, nothing invisible. */
  static boolean isWord(String text) {
    return WORDS.matcher(text).matches();
  }

  static boolean isSeries(String text) {
    return text.length() <= LONGEST && SERIES_FORM.matcher(text).matches();
  }

  static boolean isMatchers(String text) {
    return text.length() <= LONGEST && MATCHERS_FORM.matcher(text).matches();
  }

  static boolean isQuery(String text) {
    return !text.isBlank() && text.length() <= 4096 && text.codePoints().noneMatch(Texts::isOdd);
  }

  /** A server's base URL: no credentials, query or fragment. */
  static Optional<URI> url(String text) {
    try {
      URI uri = new URI(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      boolean bare =
          uri.getRawUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
      boolean server = uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= 65_535;
      return http && bare && server && text.length() <= LONGEST
          ? Optional.of(uri)
          : Optional.empty();
    } catch (URISyntaxException notAUrl) {
      return Optional.empty();
    }
  }

  private static boolean isOdd(int character) {
    return (Character.isISOControl(character) && !Character.isWhitespace(character))
        || Character.getType(character) == Character.SURROGATE;
  }
}
