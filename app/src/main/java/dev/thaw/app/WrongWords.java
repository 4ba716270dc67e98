package dev.thaw.app;

import java.io.PrintWriter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Says what is wrong with a command line in one sentence: which word, what it was, what is
 * accepted. The options themselves are a {@code --help} away; only who gave no command at all sees
 * them.
 */
final class WrongWords implements IParameterExceptionHandler {
  /** The parser's own preamble before what a converter said. */
  private static final Pattern INVALID =
      Pattern.compile(
          "Invalid value for (?:option|positional parameter)[^:]*: (.*)", Pattern.DOTALL);

  private static final Pattern NO_NUMBER = Pattern.compile("'(.*)' is not an? (?:int|long)");

  @Override
  public int handleParseException(ParameterException wrong, String[] words) {
    CommandLine line = wrong.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("thaw: " + sentence(wrong));
    if (words.length == 0) {
      line.usage(err);
    } else {
      UnmatchedArgumentException.printSuggestions(wrong, err);
      err.println("see " + line.getCommandSpec().qualifiedName() + " --help");
    }
    return Main.USAGE;
  }

  private static String sentence(ParameterException wrong) {
    String said = String.valueOf(wrong.getMessage());
    Matcher invalid = INVALID.matcher(said);
    ArgSpec about = wrong.getArgSpec();
    if (about != null && invalid.matches()) {
      Matcher number = NO_NUMBER.matcher(invalid.group(1));
      return name(about)
          + ": "
          + (number.matches()
              ? "\"" + number.group(1) + "\" (expected: a whole number)"
              : invalid.group(1));
    }
    if (wrong instanceof MissingParameterException missing
        && missing.getMissing().size() == 1
        && missing.getMissing().get(0) instanceof OptionSpec option) {
      return name(option) + ": no value (expected: " + option.paramLabel() + ")";
    }
    return said;
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
