package dev.cprkit.vmm.cli;

import java.util.Optional;

/** What options whose values are {@code key=value} say when {@code help} stands in place of one. Stateless. */
final class OptionHelp {
    private static final String CHARDEVS = """
        Available chardev backend types:\s
          file
          memory
          null
          pipe
          pty
          ringbuf
          socket
          stdio
        """;

    private static final String CHARDEV = """
        chardev options:
          abstract=<bool (on/off)>
          append=<bool (on/off)>
          backend=<str>
          fd=<str>
          host=<str>
          id=<str>
          input-path=<str>
          ipv4=<bool (on/off)>
          ipv6=<bool (on/off)>
          logappend=<bool (on/off)>
          logfile=<str>
          mux=<bool (on/off)>
          nodelay=<bool (on/off)>
          path=<str>
          port=<str>
          reconnect-ms=<num>
          server=<bool (on/off)>
          signal=<bool (on/off)>
          size=<size>
          tight=<bool (on/off)>
          to=<num>
          wait=<bool (on/off)>
        """;

    private static final String SMP = """
        smp-opts options:
          cores=<num>
          cpus=<num>
          maxcpus=<num>
          sockets=<num>
          threads=<num>
        """;

    private static final String NAME = """
        name options:
          debug-threads=<bool (on/off)>
          guest=<str>            - Sets the name of the guest
          process=<str>          - Sets the name of the process, as shown in top etc
        """;

    private static final String GLOBAL = """
        global options:
          driver=<str>
          property=<str>
          value=<str>
        """;

    private static final String DISPLAYS = """
        Available display backend types:
        none
        """;

    private static final String AUDIO = """
        Available audio drivers:
        none
        """;

    private OptionHelp() {}

    /** The chardev backends. */
    static String chardevs() {
        return CHARDEVS;
    }

    /** The text that an argument asks for, if it asks for one; options that tell more of their own are not here. */
    static Optional<String> of(Option option, String argument) {
        if (!wanted(argument)) {
            return Optional.empty();
        }
        return switch (option) {
            case CHARDEV -> Optional.of(argument.startsWith("help") || argument.equals("?") ? CHARDEVS : CHARDEV);
            case SMP -> Optional.of(SMP);
            case NAME -> Optional.of(NAME);
            case GLOBAL -> Optional.of(GLOBAL);
            case DISPLAY -> Optional.of(DISPLAYS);
            case AUDIO -> Optional.of(AUDIO);
            case RUN_WITH -> Optional.of("run-with options:\n  exit-with-parent=<bool (on/off)>\n");
            case ACTION ->
                Optional.of("action options:\n  panic=<str>\n  reboot=<str>\n  shutdown=<str>\n  watchdog=<str>\n");
            case CPU -> Optional.of(CpuOption.HELP);
            default -> Optional.empty();
        };
    }

    private static boolean wanted(String argument) {
        return argument.equals("?")
                || argument.equals("help")
                || argument.startsWith("help,")
                || argument.endsWith(",help")
                || argument.contains(",help,");
    }
}
