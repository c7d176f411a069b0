package dev.cprkit.vmm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each mistake has its one line; where QEMU 11.1 has a text for it, this is QEMU's. */
class RefusedCommandLineTest {
    @ParameterizedTest
    @CsvSource(
            delimiterString = " => ",
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = true,
            textBlock = """
                -foo => -foo: invalid option
                --foo => --foo: invalid option
                -version -foo => -foo: invalid option
                -m => -m: requires an argument
                disk.img => disk.img: not an option; this emulator has no disk images yet
                - => -: not an option; this emulator has no disk images yet
                -M foo => unsupported machine type: "foo" (use -machine help to list supported machines)
                -M virt,foo=1 => Property 'virt-machine.foo' not found
                -M virt,acl => -M virt,acl: Expected '=' after parameter 'acl'
                -M virt,aux-ram-share=maybe => Parameter 'aux-ram-share' expects 'on' or 'off'
                -M virt,memory-backend=ram0 => Memory backend 'ram0' not found
                -M virt,memory-backend=r -object rng-builtin,id=r => Memory backend 'r' not found
                -M virt,memory-backend=r -m 64M -object memory-backend-memfd,id=r,size=128M => Machine memory size does not match the size of the memory backend
                -M virt,aia=aplic => machine property aia=aplic is not supported: the board's interrupt controller is a PLIC
                -M virt,memory.foo=1 => Parameter 'memory.foo' is unexpected
                -m abc => -m abc: Parameter 'size' expects a non-negative number below 2^63 with an optional suffix k, M, G, T, P or E
                -m 12x => -m 12x: Parameter 'size' expects a non-negative number below 2^63 with an optional suffix k, M, G, T, P or E
                -m 1.5 => -m 1.5: Parameter 'size' expects a non-negative number below 2^63 with an optional suffix k, M, G, T, P or E
                -m 128,, => -m 128,,: Parameter 'size' expects a non-negative number below 2^63 with an optional suffix k, M, G, T, P or E
                -m -5 => -m -5: Value '-5' is out of range for parameter 'size'
                -m 99999999999T => -m 99999999999T: Value '99999999999T' is out of range for parameter 'size'
                -m 0 => -m 0: RAM size must be greater than zero
                -m 1.5K => -m 1.5K: RAM size 0x600 must be a multiple of 4 KiB
                -m size=128M,foo=1 => -m size=128M,foo=1: Invalid parameter 'foo'
                -m size=128M,slots=2 => slots specified but no max-size
                -m size=128M,maxmem=64M => invalid value of maxmem: maximum memory size (0x4000000) must be at least the initial memory size (0x8000000)
                -m 128M,slots=2,maxmem=1G => memory hotplug is not supported: this board has no slots for more RAM than -m size=128M
                -smp 0 => Invalid CPU topology: CPU topology parameters must be greater than zero
                -smp 2 => Invalid SMP CPUs 2. The max CPUs supported by machine 'virt' is 1
                -smp -1 => Invalid SMP CPUs -1. The max CPUs supported by machine 'virt' is 1
                -smp cores=2 => Invalid SMP CPUs 2. The max CPUs supported by machine 'virt' is 1
                -smp 1,maxcpus=4 => Invalid SMP CPUs 4. The max CPUs supported by machine 'virt' is 1
                -smp 1,cores=2 => Invalid CPU topology: product of the hierarchy must match maxcpus: sockets (1) * cores (2) * threads (1) != maxcpus (1)
                -smp 1,dies=2 => dies > 1 not supported by this machine's CPU topology
                -smp x => -smp x: Parameter 'smp.cpus' expects integer
                -smp foo=2 => -smp foo=2: Invalid parameter 'foo'
                -cpu foo => unable to find CPU model 'foo' (try '-cpu help')
                -cpu '' => -cpu option cannot be empty
                -cpu rv64,foo=1 => can't apply global rv64-riscv-cpu.foo=1: Property 'rv64-riscv-cpu.foo' not found
                -cpu rv64,zba => Expected key=value format, found zba.
                -cpu rv64,zba=maybe => can't apply global rv64-riscv-cpu.zba=maybe: Parameter 'zba' expects 'on' or 'off'
                -cpu rv64,v=on => can't apply global rv64-riscv-cpu.v=on: this hart has no v
                -cpu rv64,c=off => can't apply global rv64-riscv-cpu.c=off: this hart always has c
                -accel foo => -accel foo: invalid accelerator foo
                -accel kvm -accel xen => -accel kvm: invalid accelerator kvm; -accel xen: invalid accelerator xen
                -accel tcg,foo=1 => -accel tcg,foo=1: Property 'tcg-accel.foo' not found
                -accel tcg,thread=foo => -accel tcg,thread=foo: Invalid 'thread' setting foo
                -M virt,accel=kvm => invalid accelerator kvm
                -M virt,accel=tcg -accel tcg => The -accel and "-machine accel=" options are incompatible
                -object foo,id=x => -object foo,id=x: Parameter 'qom-type' does not accept value 'foo'
                -object '' => -object : Parameter 'qom-type' is missing
                -object memory-backend-memfd,size=1M => -object memory-backend-memfd,size=1M: Parameter 'id' is missing
                -object memory-backend-memfd,id=1r,size=1M => -object memory-backend-memfd,id=1r,size=1M: Parameter 'id' expects an identifier, a letter and then letters, digits, '-', '.' and '_'
                -object memory-backend-memfd,id=r => -object memory-backend-memfd,id=r: Parameter 'size' is missing
                -object memory-backend-memfd,id=r,size=0 => property 'size' of memory-backend-memfd doesn't take value '0'
                -object memory-backend-shm,id=r,size=0 => property 'size' of memory-backend-shm doesn't take value '0'
                -object memory-backend-memfd,id=r,size=1M,foo=1 => -object memory-backend-memfd,id=r,size=1M,foo=1: Invalid parameter 'foo'
                -object memory-backend-memfd,id=r,size=1M,share=maybe => -object memory-backend-memfd,id=r,size=1M,share=maybe: Parameter 'share' expects 'on' or 'off'
                -object memory-backend-memfd,id=r,size=2M,hugetlbsize=3M => Hugepage size must be a power of 2
                -object memory-backend-ram,id=r,size=1M,policy=bind => -object memory-backend-ram,id=r,size=1M,policy=bind: NUMA policy 'bind' is not supported, only 'default' is
                -object memory-backend-shm,id=r,size=1M,share=off => can't create shm backend with `share=off`
                -object memory-backend-file,id=r,size=1M => -object memory-backend-file,id=r,size=1M: Parameter 'mem-path' is missing
                -object memory-backend-ram,id=a,size=1M -object rng-builtin,id=a => -object rng-builtin,id=a: Duplicate ID 'a' for object
                -object {"qom-type":"rng-builtin","id":"a"} -object {"qom-type":"rng-builtin","id":"a"} => attempt to add duplicate property 'a' to object (type 'container')
                -object {"qom-type":"memory-backend-ram","id":"a","size":"1M"} => -object {"qom-type":"memory-backend-ram","id":"a","size":"1M"}: Parameter 'size' expects uint64
                -object {"qom-type":"memory-backend-ram","id":"a","size":4096,"share":"on"} => -object {"qom-type":"memory-backend-ram","id":"a","size":4096,"share":"on"}: Invalid parameter type for 'share', expected: boolean
                -object {"qom-type":"memory-backend-ram","id":"a","size":4096,"x":1} => -object {"qom-type":"memory-backend-ram","id":"a","size":4096,"x":1}: Parameter 'x' is unexpected
                -object {"id":"a"} => -object {"id":"a"}: Parameter 'qom-type' is missing
                -object monitor-qmp,id=m,chardev=c => chardev "c" not found
                -object monitor-qmp,id=m => -object monitor-qmp,id=m: Parameter 'chardev' is missing
                -chardev foo,id=x => -chardev foo,id=x: 'foo' is not a valid char driver name
                -chardev stdio => -chardev stdio: chardev: no id specified
                -chardev id=a => -chardev id=a: chardev: "a" missing backend
                -chardev file,id=x => -chardev file,id=x: chardev: file: no filename given
                -chardev pty,id=x => -chardev pty,id=x: pseudo-terminals are not supported, use a unix socket: unix:PATH,server=on,wait=off
                -chardev null,id=x -chardev null,id=x => -chardev null,id=x: Duplicate ID 'x' for chardev
                -chardev stdio,id=a -chardev stdio,id=b => -chardev stdio,id=b: cannot use stdio by multiple character devices
                -chardev socket,id=x => -chardev socket,id=x: chardev: socket: no path, host or fd given
                -chardev socket,id=x,host=h => -chardev socket,id=x,host=h: chardev: socket: no port given
                -chardev socket,id=x,host=h,port=99999 => -chardev socket,id=x,host=h,port=99999: '99999' is not a port number, 0 to 65535
                -chardev socket,id=x,path=/tmp/a,foo=1 => -chardev socket,id=x,path=/tmp/a,foo=1: Invalid parameter 'foo'
                -chardev socket,id=x,path=/tmp/a,wait=off => -chardev socket,id=x,path=/tmp/a,wait=off: 'wait' option is incompatible with socket in client connect mode
                -chardev socket,id=x,path=/tmp/a,fd=3 => -chardev socket,id=x,path=/tmp/a,fd=3: None or one of 'path', 'fd' or 'host' option required.
                -chardev socket,id=x,fd=foo => -chardev socket,id=x,fd=foo: Unable to parse FD number foo
                -serial foo => -serial foo: 'foo' is not a valid char driver
                -serial pty => -serial pty: pseudo-terminals are not supported, use a unix socket: unix:PATH,server=on,wait=off
                -serial tcp:foo => -serial tcp:foo: 'tcp:foo' has no port: tcp:HOST:PORT
                -serial unix:/tmp/z,server=maybe => -serial unix:/tmp/z,server=maybe: Parameter 'server' expects 'on' or 'off'
                -serial chardev:nope => -serial chardev:nope: chardev "nope" not found
                -serial stdio -monitor stdio => -monitor stdio: cannot use stdio by multiple character devices
                -mon nope => -mon nope: chardev "nope" not found
                -mon mode=control => -mon mode=control: Parameter 'chardev' is missing
                -mon a,mode=foo -chardev null,id=a => -mon a,mode=foo: Parameter 'mode' does not accept value 'foo'
                -mon a,foo=1 -chardev null,id=a => -mon a,foo=1: Invalid parameter 'foo'
                -mon a -mon a -chardev null,id=a => -mon a: chardev 'a' is already in use (mux=on lets several share it)
                -qmp foo => -qmp foo: 'foo' is not a valid char driver
                -global foo => -global foo: Invalid parameter 'foo'
                -global driver=migration,property=mode => -global driver=migration,property=mode: options 'driver', 'property', and 'value' are required
                -name foo,bar=1 => -name foo,bar=1: Invalid parameter 'bar'
                -name guest=a,debug-threads=maybe => -name guest=a,debug-threads=maybe: Parameter 'debug-threads' expects 'on' or 'off'
                -uuid foo => -uuid foo: failed to parse UUID string: wrong format
                -uuid 8c4a4b4e111122223333444455556666 => -uuid 8c4a4b4e111122223333444455556666: failed to parse UUID string: wrong format
                -uuid 8c4a4b4e-1111-2222-3333-44445555666g => -uuid 8c4a4b4e-1111-2222-3333-44445555666g: failed to parse UUID string: wrong format
                -display gtk => -display gtk: Parameter 'type' does not accept value 'gtk', only none
                -audio pa => -audio pa: Parameter 'driver' does not accept value 'pa', only none
                -run-with foo=1 => -run-with foo=1: Invalid parameter 'foo'
                -run-with exit-with-parent=maybe => -run-with exit-with-parent=maybe: Parameter 'exit-with-parent' expects 'on' or 'off'
                -action reboot=foo => -action reboot=foo: Parameter 'reboot' does not accept value 'foo'
                -nic user => -nic user: only 'none' is supported, this machine has no network card yet
                -daemonize => -daemonize: not supported, start vmm in the background with '&', setsid or a service manager
                -initrd i => -initrd only allowed with -kernel option
                -append a => -append only allowed with -kernel option
                -device foo => -device foo: 'foo' is not a valid device model name
                -device '' => -device : Parameter 'driver' is missing
                -device virtio-rng-device,foo=1 => -device virtio-rng-device,foo=1: Property 'virtio-rng-device.foo' not found
                -device virtio-rng-device,rng=no => -device virtio-rng-device,rng=no: Device 'no' not found
                -device virtio-rng-device,bus=virtio-mmio-bus.9 => -device virtio-rng-device,bus=virtio-mmio-bus.9: Bus 'virtio-mmio-bus.9' not found
                -device virtio-rng-device,bus=virtio-mmio-bus.7 -device virtio-rng-device,bus=virtio-mmio-bus.7 => -device virtio-rng-device,bus=virtio-mmio-bus.7: Bus 'virtio-mmio-bus.7' is full
                -device virtio-rng-device,id=a -device virtio-rng-device,id=a => -device virtio-rng-device,id=a: Duplicate ID 'a' for device
                -device virtio-rng-device,period=0 => -device virtio-rng-device,period=0: 'period' parameter expects a positive integer
                -incoming foo => -incoming foo: Parameter 'channel-type' does not accept value 'foo'
                -incoming foo:bar => -incoming foo:bar: unknown migration protocol: foo:bar
                -incoming tcp:foo => -incoming tcp:foo: error parsing address 'foo'
                -incoming '' => -incoming : Parameter 'channel-type' is missing
                -incoming defer,x => -incoming defer,x: Expected '=' after parameter 'x'
                -incoming cpr => -incoming cpr: Parameter 'addr' is missing
                -incoming cpr,foo=1 => -incoming cpr,foo=1: Parameter 'addr' is missing
                -incoming cpr,addr=1 => -incoming cpr,addr=1: Invalid parameter type for 'addr', expected: object
                -incoming cpr,addr.transport=foo => -incoming cpr,addr.transport=foo: Parameter 'transport' does not accept value 'foo'
                -incoming cpr,addr.transport=socket => -incoming cpr,addr.transport=socket: Parameter 'addr.type' is missing
                -incoming cpr,addr.transport=socket,addr.type=foo => -incoming cpr,addr.transport=socket,addr.type=foo: Parameter 'type' does not accept value 'foo'
                -incoming cpr,addr.transport=socket,addr.type=unix => -incoming cpr,addr.transport=socket,addr.type=unix: Parameter 'addr.path' is missing
                -incoming cpr,addr.transport=socket,addr.type=unix,addr.path=x,addr.foo=2 => -incoming cpr,addr.transport=socket,addr.type=unix,addr.path=x,addr.foo=2: Parameter 'addr.foo' is unexpected
                -incoming main,addr.transport=exec => -incoming main,addr.transport=exec: Parameter 'addr.args' is missing
                -incoming main,addr.transport=file,addr.filename=/x => -incoming main,addr.transport=file,addr.filename=/x: Parameter 'addr.offset' is missing
                -incoming main,addr.transport=file,addr.filename=/x,addr.offset=zz => -incoming main,addr.transport=file,addr.filename=/x,addr.offset=zz: Parameter 'addr.offset' expects integer
                -incoming {"channel-type":3} => -incoming {"channel-type":3}: Invalid parameter type for 'channel-type', expected: string
                -incoming {"channel-type":"cpr"} => -incoming {"channel-type":"cpr"}: Parameter 'addr' is missing
                -incoming {"channel-type":"cpr","addr":3} => -incoming {"channel-type":"cpr","addr":3}: Invalid parameter type for 'addr', expected: object
                -incoming {"channel-type":"main","addr":{"transport":"socket","type":"unix","path":3}} => -incoming {"channel-type":"main","addr":{"transport":"socket","type":"unix","path":3}}: Invalid parameter type for 'addr.path', expected: string
                -incoming {"channel-type":"main","addr":{"transport":"file","filename":"x","offset":"1"}} => -incoming {"channel-type":"main","addr":{"transport":"file","filename":"x","offset":"1"}}: Parameter 'addr.offset' expects uint64
                """)
    void saysWhatIsWrong(String line, String text) {
        assertThat(CommandLines.refused(CommandLines.words(line))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", quoteCharacter = '`', textBlock = """
        -object => {"qom-type":"rng-builtin","id":"a"
        -incoming => {"channel-type":"main"
        -device => {"driver":
        """)
    void saysThatJsonIsBroken(String option, String argument) {
        assertThat(CommandLines.refused(option, argument)).startsWith(option + " " + argument + ": JSON parse error, ");
    }
}
