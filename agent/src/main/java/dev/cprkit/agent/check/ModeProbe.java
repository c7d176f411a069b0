package dev.cprkit.agent.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cprkit.agent.check.MigrationFacts.ModeAnswer;
import dev.cprkit.agent.monitor.VmMonitor;
import dev.cprkit.proto.client.QmpException;
import dev.cprkit.proto.qapi.MigMode;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a VM what blocks it in each mode. QEMU tells the blockers of the mode that is set only, so each mode is set in
 * turn, and the one that was set before is put back: also if a question fails, and through a new connection if this one
 * is lost. A program that tells all modes at once is asked that instead, and nothing is set.
 */
final class ModeProbe {
    /** The modes of an update, the least disruptive first. */
    static final List<MigMode> MODES = List.of(MigMode.CPR_TRANSFER, MigMode.CPR_EXEC, MigMode.CPR_REBOOT);

    private final VmMonitor monitor;
    private final Reconnection reconnection;

    /** Opens and negotiates another connection to the same VM. */
    interface Reconnection {
        VmMonitor open() throws QmpException;
    }

    ModeProbe(VmMonitor monitor, Reconnection reconnection) {
        this.monitor = monitor;
        this.reconnection = reconnection;
    }

    /** What it says to each mode; {@code before} is the mode that is set, and will be again. */
    Map<MigMode, ModeAnswer> answers(String before) throws QmpException {
        Optional<JsonNode> all = monitor.query("x-query-migration-blockers", JsonNodeFactory.instance.objectNode());
        if (all.isPresent()) {
            return atOnce(all.get());
        }
        Map<MigMode, ModeAnswer> answers = new EnumMap<>(MigMode.class);
        boolean back = false;
        try {
            for (MigMode mode : MODES) {
                answers.put(mode, answer(mode));
            }
            // One that refused each of them has the mode that it had, and may refuse that as well.
            if (answers.values().stream().anyMatch(answer -> answer.refusal().isEmpty())) {
                monitor.setMode(before);
            }
            back = true;
            return answers;
        } finally {
            if (!back) {
                putBack(before);
            }
        }
    }

    private static Map<MigMode, ModeAnswer> atOnce(JsonNode all) {
        Map<MigMode, ModeAnswer> answers = new EnumMap<>(MigMode.class);
        for (MigMode mode : MODES) {
            answers.put(mode, new ModeAnswer(Optional.of("it is not among its modes"), List.of()));
        }
        for (JsonNode one : all) {
            Optional<MigMode> mode = MigMode.of(one.path("mode").asText());
            List<String> reasons = new ArrayList<>();
            one.path("reasons").forEach(reason -> reasons.add(reason.asText()));
            mode.filter(MODES::contains).ifPresent(m -> answers.put(m, new ModeAnswer(Optional.empty(), reasons)));
        }
        return answers;
    }

    private ModeAnswer answer(MigMode mode) throws QmpException {
        try {
            monitor.setMode(mode.qapiName());
        } catch (QmpException.ErrorReply e) {
            return new ModeAnswer(Optional.of(e.description()), List.of());
        }
        return new ModeAnswer(Optional.empty(), monitor.migration().blockedReasons());
    }

    /** Something failed, and that is what the caller learns; this is done as well as it can be. */
    private void putBack(String before) {
        try {
            monitor.setMode(before);
        } catch (QmpException lost) {
            monitor.close(); // a socket serves one client at a time
            try (VmMonitor again = reconnection.open()) {
                again.setMode(before);
            } catch (QmpException gone) {
                lost.addSuppressed(gone);
            }
        }
    }
}
