/*
 * A plugin for qemu 7.2 (plugin interface 1): counts the instructions that a 64-bit ARM program executes, and among
 * them those that multiply in vectors, which tell the kernels apart that a program has chosen.
 *
 *   gcc -O2 -shared -fPIC -o plugin.so arm_instruction_plugin.c
 *   qemu-aarch64 -plugin ./plugin.so -d plugin PROGRAM
 *
 * When a process ends it prints one line on stderr: "executed A dot B widening C fused D".
 * Debian packages no qemu-plugin.h; what is used of it is declared here (docs/devel/tcg-plugins).
 * Encodings: Arm Architecture Reference Manual for A-profile, C4.1.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define ADD_U64 0

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_tb_exec_inline(
    struct qemu_plugin_tb *tb, int operation, void *counter, uint64_t by);
extern void qemu_plugin_register_vcpu_tb_trans_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_atexit_cb(
    qemu_plugin_id_t id, void (*call)(qemu_plugin_id_t, void *), void *data);

EXPORT int qemu_plugin_version = 1;

enum { EXECUTED, DOT, WIDENING, FUSED, KINDS };
static uint64_t counter[KINDS];

static int kind(uint32_t word)
{
    /* SDOT, UDOT: four products of 8 bits into each of four sums of 32; vector, by element. */
    if ((word & 0x9fe0fc00) == 0x0e809400 || (word & 0x9fc0f400) == 0x0f80e000) {
        return DOT;
    }
    /* SMLAL, UMLAL, SMULL, UMULL of 8 or 16 bits; vector, by element. */
    if ((word & 0x9f20bc00) == 0x0e208000 || (word & 0x9f20bc00) == 0x0e20a000 ||
        (word & 0x9f00b400) == 0x0f002000 || (word & 0x9f00f400) == 0x0f00a000) {
        return WIDENING;
    }
    /* FMLA of 32 or 16 bits; vector, by element. */
    if ((word & 0xbfa0fc00) == 0x0e20cc00 || (word & 0xbfe0fc00) == 0x0e400c00 ||
        (word & 0xbf80f400) == 0x0f801000 || (word & 0xbfc0f400) == 0x0f001000) {
        return FUSED;
    }
    return EXECUTED;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    uint64_t found[KINDS] = {0};
    size_t length = qemu_plugin_tb_n_insns(tb);
    (void)id;
    for (size_t index = 0; index < length; index++) {
        uint32_t word;
        memcpy(&word, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, index)), sizeof word);
        found[kind(word)]++;
    }
    found[EXECUTED] = length;
    for (int one = 0; one < KINDS; one++) {
        if (found[one]) {
            qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &counter[one], found[one]);
        }
    }
}

static void ended(qemu_plugin_id_t id, void *data)
{
    char line[160];
    int length = snprintf(
        line, sizeof line, "executed %llu dot %llu widening %llu fused %llu\n",
        (unsigned long long)counter[EXECUTED],
        (unsigned long long)counter[DOT],
        (unsigned long long)counter[WIDENING],
        (unsigned long long)counter[FUSED]);
    (void)id;
    (void)data;
    if (write(STDERR_FILENO, line, (size_t)length) != length) {
        _exit(1);
    }
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
    (void)info;
    (void)argc;
    (void)argv;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
