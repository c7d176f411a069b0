package dev.cprkit.cprctl;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cprkit.agent.ExitStatus;
import dev.cprkit.agent.api.CheckJson;
import dev.cprkit.agent.api.Json;
import dev.cprkit.agent.vm.Launch.Launched;
import dev.cprkit.agent.vm.LaunchPlan;
import dev.cprkit.agent.vm.LaunchPlan.Change;
import dev.cprkit.agent.vm.LaunchPlan.Point;
import dev.cprkit.agent.vm.VmName;
import dev.cprkit.cprctl.output.Screen;
import dev.cprkit.cprctl.output.Style;
import dev.cprkit.cprctl.output.Words;

/** A launch, for people and for programs. */
record LaunchText(Screen screen, VmName vm, LaunchPlan plan) {
    /** Nothing was started. */
    void planned(boolean refused) {
        ExitStatus status = refused ? ExitStatus.REFUSED : ExitStatus.OK;
        String message = refused ? refusal() : "nothing was started";
        if (screen.json()) {
            screen.document(document()
                    .put("status", status.statusName())
                    .put("exit-status", status.number())
                    .put("message", message));
            return;
        }
        points();
        if (refused) {
            screen.failure(message);
        } else {
            command();
        }
    }

    private String refusal() {
        return plan.isOfferedWhole()
                ? "the VM could not be updated later, so it was not started; --make-updatable changes what is told"
                        + " above, --as-is starts it all the same"
                : "the VM could not be updated later, so it was not started; change what is told above, or start it all"
                        + " the same with --as-is";
    }

    /** It runs. */
    void launched(Launched launched) {
        if (screen.json()) {
            screen.document(document()
                    .put("status", ExitStatus.OK.statusName())
                    .put("exit-status", ExitStatus.OK.number())
                    .put("pid", launched.pid())
                    .put("version", launched.version())
                    .put("run-state", launched.runState())
                    .put("log", launched.log().toString()));
            return;
        }
        points();
        command();
        screen.line(screen.styled(
                Style.GOOD,
                "VM " + vm + " is " + launched.runState() + " in process " + launched.pid() + " (version "
                        + launched.version() + ")."));
        screen.note("Its QMP socket is " + plan.qmp() + ", its log " + launched.log() + ".");
    }

    private void points() {
        for (Point point : plan.points()) {
            String label =
                    switch (point.change()) {
                        case MADE -> screen.styled(Style.GOOD, "changed:");
                        case OFFERED, NONE ->
                            point.finding().refuses()
                                    ? screen.styled(Style.BAD, "not updatable:")
                                    : screen.styled(Style.WARNING, "note:");
                    };
            if (!screen.quiet()
                    || point.change() != Change.MADE && point.finding().refuses()) {
                screen.errLine(label + " " + point.finding().sentence() + " ["
                        + point.finding().code().codeName() + "]");
            }
        }
    }

    private void command() {
        if (!screen.quiet()) {
            screen.line(Words.shell(plan.command()));
        }
    }

    private ObjectNode document() {
        ObjectNode document = Json.document("launch")
                .put("vm", vm.text())
                .put("qmp", plan.qmp().toString());
        plan.command().forEach(document.putArray("command")::add);
        ArrayNode points = document.putArray("findings");
        for (Point point : plan.points()) {
            points.add(
                    CheckJson.of(point.finding()).put("change", point.change().changeName()));
        }
        return document;
    }
}
