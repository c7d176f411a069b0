package dev.cprkit.vmm.monitor.qtest;

import dev.cprkit.vmm.device.IrqWires;
import java.util.Optional;
import java.util.function.Consumer;

/** The commands that look at interrupt wires and drive them. The wires of one device can be looked at. */
final class QtestIrqs {
    private static final String UNKNOWN = "FAIL Unknown device";

    private final QtestBoard.Devices devices;
    private final Consumer<String> lines;
    private Optional<String> intercepted = Optional.empty();

    /** {@code lines} is told of each change, in the test's own words. */
    QtestIrqs(QtestBoard.Devices devices, Consumer<String> lines) {
        this.devices = devices;
        this.lines = lines;
    }

    String interceptIn(QtestWords words) {
        return intercept(words, true);
    }

    String interceptOut(QtestWords words) {
        return intercept(words, false);
    }

    private String intercept(QtestWords words, boolean inputs) {
        String path = words.text(0);
        if (!devices.exists(path)) {
            return UNKNOWN;
        }
        if (intercepted.isPresent()) {
            return intercepted.get().equals(path) ? "OK" : "FAIL IRQ intercept already enabled";
        }
        intercepted = Optional.of(path);
        Optional<IrqWires> wires = devices.wires(path);
        if (wires.isPresent() && inputs) {
            wires.get().watchInputs(this::changed);
        } else if (wires.isPresent()) {
            wires.get().watchOutputs(this::changed);
        }
        return "OK";
    }

    private void changed(int number, boolean high) {
        lines.accept("IRQ " + (high ? "raise " : "lower ") + number);
    }

    /** {@code set_irq_in PATH unnamed-gpio-in NUMBER LEVEL}. */
    String drive(QtestWords words) {
        String path = words.text(0);
        String name = words.text(1);
        long number = words.number(2);
        long level = words.number(3);
        if (!devices.exists(path)) {
            return UNKNOWN;
        }
        Optional<IrqWires> wires = devices.wires(path);
        if (wires.isEmpty()
                || !name.equals("unnamed-gpio-in")
                || number < 0
                || number >= wires.get().inputs()) {
            throw new IllegalArgumentException("'" + path + "' has no input '" + name + "' " + number);
        }
        wires.get().drive((int) number, level != 0);
        return "OK";
    }
}
