package dev.cprkit.cprctl;

import dev.cprkit.agent.home.Home;
import dev.cprkit.agent.host.ProcessHost;
import dev.cprkit.agent.operation.OperationException;
import dev.cprkit.agent.operation.OperationService;
import dev.cprkit.agent.vm.VmRegistry;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** What the subcommands work on: this host, as this process sees it. Tests have one of their own. */
interface Site {
    Home home();

    VmRegistry registry();

    ProcessHost processes();

    Examiner examiner();

    Clock clock();

    Map<String, String> environment();

    /** The working directory, absolute. */
    Path directory();

    /** What console uses. */
    Keyboard keyboard();

    /**
     * A keyboard and a display.
     *
     * @param terminal whether they are standard input and output, and a terminal
     */
    record Keyboard(InputStream keys, OutputStream display, boolean terminal) {}

    /**
     * The host's operations: through the agent if one answers and may be used, else in this process.
     *
     * @throws OperationException if neither is possible
     */
    Operations operations(boolean agentAllowed) throws OperationException;

    /**
     * Operations, and who runs them.
     *
     * @param byAgent whether they go on when this process ends
     * @param afterwards to be done when no more is asked of them
     */
    record Operations(OperationService service, boolean byAgent, Runnable afterwards) implements AutoCloseable {
        @Override
        public void close() {
            service.close();
            afterwards.run();
        }
    }
}
