package dev.cprkit.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AgentLogTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private String log(Map<String, String> environment, String message) {
        AgentLog.install(Level.INFO, environment, new PrintStream(printed, true, StandardCharsets.UTF_8));
        LoggerFactory.getLogger("dev.cprkit.test").warn("{}", message);
        return printed.toString(StandardCharsets.UTF_8);
    }

    @AfterEach
    void back() {
        AgentLog.install(Level.SEVERE, Map.of(), System.err);
    }

    /** A VM's name, or a caller's path, must not look like another event, nor move the cursor of whoever reads the log. */
    @Test
    void what_others_have_named_cannot_end_the_line_or_write_to_a_terminal() {
        assertThat(log(Map.of("JOURNAL_STREAM", "8:1"), "a\n<0>b\r\033[2Jc\u009b1md\0e"))
                .isEqualTo("<4>a <0>b  [2Jc 1md e\n");
    }
}
