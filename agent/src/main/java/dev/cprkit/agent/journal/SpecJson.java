package dev.cprkit.agent.journal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.operation.ModeChoice;
import dev.cprkit.agent.operation.OperationKind;
import dev.cprkit.agent.operation.OperationSpec;
import dev.cprkit.agent.vm.VmName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;

/** A spec as the journal keeps it. Equal specs have equal text. */
final class SpecJson {
    private SpecJson() {}

    static String text(OperationSpec spec) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", spec.kind().kindName());
        json.put("vm", spec.vm().text());
        spec.program().ifPresent(program -> json.put("program", program.toString()));
        json.put("mode", spec.mode().choiceName());
        spec.pauseBudget().ifPresent(budget -> json.put("pause-budget-ns", budget.toNanos()));
        json.put("probation-ns", spec.probation().toNanos());
        json.put("timeout-ns", spec.timeout().toNanos());
        return json.toString();
    }

    static OperationSpec of(String text) throws JournalException {
        JsonNode json = Fields.parse(text);
        return new OperationSpec(
                Fields.known(OperationKind.of(json.path("kind").asText()), "kind"),
                Fields.known(VmName.of(json.path("vm").asText()), "vm"),
                Fields.text(json, "program").map(Path::of),
                Fields.known(ModeChoice.of(json.path("mode").asText()), "mode"),
                Fields.nanos(json, "pause-budget-ns"),
                Fields.nanos(json, "probation-ns").orElse(Duration.ZERO),
                Fields.nanos(json, "timeout-ns").orElse(OperationSpec.DEFAULT_TIMEOUT));
    }

    /** SHA-256 of the text, in hexadecimal. */
    static String digest(String text) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
