package dev.cprkit.agent.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.argv.PathMove;
import dev.cprkit.agent.check.CheckReport;
import dev.cprkit.agent.check.CommandChange;
import dev.cprkit.agent.check.Finding;
import dev.cprkit.agent.check.UpdatePreview;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What checks find, and what an update would do, as JSON documents. */
public final class CheckJson {
    private CheckJson() {}

    /** A finding, as a part of a document. */
    public static ObjectNode of(Finding finding) {
        return Json.object()
                .put("code", finding.code().codeName())
                .put("refuses", finding.refuses())
                .put("subject", finding.subject())
                .put("problem", finding.problem())
                .put("remedy", finding.remedy());
    }

    /** A finding, from a part of a document. */
    static Finding finding(Fields fields) throws ApiException {
        return new Finding(
                fields.named("code", CheckJson::code, "this program does not know that code"),
                fields.text("subject"),
                fields.text("problem"),
                fields.text("remedy"));
    }

    private static Optional<Finding.Code> code(String name) {
        return Arrays.stream(Finding.Code.values())
                .filter(code -> code.codeName().equals(name))
                .findFirst();
    }

    /**
     * The document of a check.
     *
     * @param vm the VM's name; empty if it has none
     * @param reports of the modes that were asked for
     */
    public static ObjectNode of(Optional<VmName> vm, Path qmp, List<CheckReport.ModeReport> reports) {
        ObjectNode document = Json.document("check");
        vm.ifPresent(name -> document.put("vm", name.text()));
        document.put("qmp", qmp.toString());
        reports.stream()
                .filter(mode -> !mode.refused())
                .findFirst()
                .ifPresent(mode -> document.put("mode", mode.mode().qapiName()));
        ArrayNode modes = document.putArray("modes");
        for (CheckReport.ModeReport mode : reports) {
            ObjectNode one =
                    modes.addObject().put("mode", mode.mode().qapiName()).put("possible", !mode.refused());
            ArrayNode findings = one.putArray("findings");
            mode.findings().forEach(finding -> findings.add(weighed(finding, mode.mode())));
        }
        return document;
    }

    /** A finding with what it means for an update in that mode. */
    public static ObjectNode weighed(Finding finding, MigMode mode) {
        return of(finding)
                .put("refuses", finding.refuses(mode))
                .put("weight", finding.weight(mode).weightName());
    }

    /**
     * The document of a plan.
     *
     * @param vm the VM's name; empty if it has none
     */
    public static ObjectNode of(Optional<VmName> vm, UpdatePreview plan) {
        ObjectNode document = Json.document("plan");
        vm.ifPresent(name -> document.put("vm", name.text()));
        document.put("qmp", plan.report().qmp().toString())
                .put("possible", plan.isPossible())
                .put("mode", plan.mode().qapiName())
                .put("generation", plan.generation());
        plan.predictedPause()
                .ifPresent(pause -> document.set("predicted-pause-ms", Json.time(pause, Json.MILLISECONDS)));
        Json.texts(document.putArray("old-command"), plan.oldCommand());
        Json.texts(document.putArray("new-command"), plan.newCommand());
        ArrayNode changes = document.putArray("changes");
        for (CommandChange change : plan.changes()) {
            if (change.changes()) {
                ObjectNode one = changes.addObject();
                Json.texts(one.putArray("old"), change.old());
                Json.texts(one.putArray("new"), change.next());
                one.put("reason", change.reason());
            }
        }
        ArrayNode moves = document.putArray("paths");
        for (PathMove move : plan.moves()) {
            moves.addObject()
                    .put("label", move.label())
                    .put("from", move.from())
                    .put("to", move.to())
                    .put("base", move.base());
        }
        ArrayNode steps = document.putArray("steps");
        plan.steps()
                .forEach(step ->
                        steps.addObject().put("state", step.state().stateName()).put("text", step.text()));
        ArrayNode findings = document.putArray("findings");
        plan.findings().forEach(finding -> findings.add(weighed(finding, plan.mode())));
        return document;
    }
}
