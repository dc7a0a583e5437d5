/* expression.c - the arithmetic of "=width * 2**i" in networks */
#include "nets/expression.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/numeric.h"
#include "core/text.h"

enum { LENGTH_MAX = 500, DEPTH_MAX = 32, NAMES_MAX = 64 };

/* A recursive descent that computes as it reads. Once `failed`, all returns quickly. */
struct reading {
    const char *start, *at;
    const struct binding *names;
    struct arena *arena;
    struct error *err;
    int depth;
    int dead; /* > 0 in a branch that is not taken: nothing in it can be wrong but form */
    bool failed;
};

enum operation {
    NOTHING,
    OR,
    AND,
    EQUAL,
    UNEQUAL,
    LESS_EQUAL,
    GREATER_EQUAL,
    LESS,
    GREATER,
    ADD,
    SUBTRACT,
    FLOOR_DIVIDE,
    DIVIDE,
    REMAINDER,
    MULTIPLY
};

/* Longer signs stand before those that they begin with. */
static const struct sign {
    const char *text;
    enum operation operation;
    int level; /* higher binds tighter */
} signs[] = {
    {"||", OR, 1},       {"&&", AND, 2},          {"==", EQUAL, 3},
    {"!=", UNEQUAL, 3},  {"<=", LESS_EQUAL, 3},   {">=", GREATER_EQUAL, 3},
    {"<", LESS, 3},      {">", GREATER, 3},       {"+", ADD, 4},
    {"-", SUBTRACT, 4},  {"//", FLOOR_DIVIDE, 5}, {"/", DIVIDE, 5},
    {"%", REMAINDER, 5}, {"*", MULTIPLY, 5},
};
enum { TIGHTEST = 5 };

static struct value read_choice(struct reading *r);

static struct value number(double x)
{
    return (struct value){.kind = VALUE_NUMBER, .number = x};
}

static struct value truth(bool is_true)
{
    return (struct value){.kind = VALUE_BOOL, .number = is_true ? 1 : 0};
}

bool mica_value_is_number(const struct value *value)
{
    return value->kind == VALUE_NUMBER || value->kind == VALUE_BOOL;
}

bool mica_value_is_true(const struct value *value)
{
    if (value->kind == VALUE_TEXT)
        return value->text[0] != '\0';
    return value->kind == VALUE_LIST || value->number < 0 || value->number > 0;
}

bool mica_value_is_whole(const struct value *value)
{
    return mica_value_is_number(value) && fabs(value->number) <= 0x1p53 &&
           floor(value->number) >= value->number;
}

static struct value fail_at(struct reading *r, const char *at, const char *what)
{
    if (!r->failed)
        mica_misuse(r->err, "in '=%.*s' at character %d: %s", LENGTH_MAX, r->start,
                    (int)(at - r->start) + 2, what); /* counts from 1, and the '=' */
    r->failed = true;
    return number(0);
}

static void skip_blanks(struct reading *r) { r->at += strspn(r->at, " \t"); }

/* --- what operators do --------------------------------------------------------- */

static double power(double base, double exponent)
{
    bool whole = floor(exponent) >= exponent && fabs(exponent) <= 1024;
    if (!whole)
        return base > 0 ? mica_pow(base, exponent) : (double)NAN;
    double result = 1;
    for (int i = 0; i < (int)fabs(exponent); i++)
        result *= base;
    return exponent < 0 ? 1 / result : result;
}

static bool compare(enum operation operation, double order)
{
    switch (operation) {
    case EQUAL:
        return !(order < 0 || order > 0);
    case UNEQUAL:
        return order < 0 || order > 0;
    case LESS_EQUAL:
        return order <= 0;
    case GREATER_EQUAL:
        return order >= 0;
    case LESS:
        return order < 0;
    default:
        return order > 0;
    }
}

static double calculate(enum operation operation, double a, double b)
{
    switch (operation) {
    case ADD:
        return a + b;
    case SUBTRACT:
        return a - b;
    case FLOOR_DIVIDE:
        return floor(a / b);
    case DIVIDE:
        return a / b;
    case REMAINDER:
        return a - b * floor(a / b);
    default:
        return a * b;
    }
}

static struct value apply(struct reading *r, const struct sign *sign, const char *at,
                          struct value a, struct value b)
{
    enum operation operation = sign->operation;
    bool compares = operation >= EQUAL && operation <= GREATER;
    bool texts = a.kind == VALUE_TEXT && b.kind == VALUE_TEXT;
    if (r->failed || r->dead > 0)
        return compares ? truth(false) : number(1);
    if (operation == OR || operation == AND)
        return truth(mica_value_is_true(&b)); /* `a` has let it come to `b` */
    if (texts && (operation == EQUAL || operation == UNEQUAL))
        return truth((strcmp(a.text, b.text) == 0) == (operation == EQUAL));
    if (!mica_value_is_number(&a) || !mica_value_is_number(&b))
        return fail_at(r, at, "text can only be compared with text, by == and !=");
    if (compares)
        return truth(compare(operation, a.number - b.number));
    bool divides = operation >= FLOOR_DIVIDE && operation <= REMAINDER;
    if (divides && !(b.number < 0 || b.number > 0))
        return fail_at(r, at, "division by zero");
    double result = calculate(operation, a.number, b.number);
    if (!isfinite(result))
        return fail_at(r, at, "the result is too large");
    return number(result);
}

static struct value raise(struct reading *r, const char *at, struct value base,
                          struct value exponent)
{
    if (r->failed || r->dead > 0)
        return number(1);
    if (!mica_value_is_number(&base) || !mica_value_is_number(&exponent))
        return fail_at(r, at, "only numbers have powers");
    double result = power(base.number, exponent.number);
    if (!isfinite(result))
        return fail_at(r, at, "the power is not a number");
    return number(result);
}

/* --- reading ------------------------------------------------------------------- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

const struct value *mica_binding_find(const struct binding *names, const char *name,
                                      size_t length)
{
    for (; names != NULL; names = names->next)
        if (strncmp(names->name, name, length) == 0 && names->name[length] == '\0')
            return &names->value;
    return NULL;
}

static struct value unknown_name(struct reading *r, const char *name, size_t length)
{
    const char *words[NAMES_MAX];
    size_t count = 0;
    char word[64], what[256];
    for (const struct binding *b = r->names; b && count < NAMES_MAX; b = b->next)
        words[count++] = b->name;
    snprintf(word, sizeof word, "%.*s", (int)length, name);
    const char *nearest = mica_text_nearest(word, words, count);
    struct text known = {0};
    for (size_t i = 0; i < count && known.length < 120; i++)
        mica_text_add(&known, "%s%s", i == 0 ? "" : ", ", words[i]);
    if (nearest != NULL)
        snprintf(what, sizeof what, "there is no '%s' here; did you mean '%s'?", word,
                 nearest);
    else
        snprintf(what, sizeof what, "there is no '%s' here (there is: %s)", word,
                 count > 0 ? known.data : "nothing");
    mica_text_free(&known);
    return fail_at(r, name, what);
}

/* A name may have dots: in.c */
static struct value read_name(struct reading *r)
{
    const char *name = r->at;
    while (is_letter(*r->at) || is_digit(*r->at) || *r->at == '.')
        r->at++;
    size_t length = (size_t)(r->at - name);
    if (length == 4 && strncmp(name, "true", 4) == 0)
        return truth(true);
    if (length == 5 && strncmp(name, "false", 5) == 0)
        return truth(false);
    const struct value *value = mica_binding_find(r->names, name, length);
    if (value == NULL)
        return unknown_name(r, name, length);
    return *value;
}

static struct value read_number(struct reading *r)
{
    const char *at = r->at;
    char *end;
    double x = mica_text_number(at, &end);
    if (end == at || !isfinite(x) || strcspn(at, "xX") < (size_t)(end - at))
        return fail_at(r, at, "this is not a number");
    r->at = end;
    return number(x);
}

static struct value read_text(struct reading *r)
{
    const char *begin = ++r->at; /* behind the quote */
    size_t length = strcspn(begin, "'");
    if (begin[length] == '\0')
        return fail_at(r, begin - 1, "the text has no closing quote");
    r->at = begin + length + 1;
    char *copy = mica_arena_take(r->arena, length + 1, 1);
    memcpy(copy, begin, length);
    return (struct value){.kind = VALUE_TEXT, .text = copy};
}

static struct value read_atom(struct reading *r)
{
    skip_blanks(r);
    const char *at = r->at;
    if (*at == '(') {
        r->at++;
        struct value value = read_choice(r);
        skip_blanks(r);
        if (!r->failed && *r->at != ')')
            return fail_at(r, at, "there is no ')' for the '('");
        r->at += r->failed ? 0 : 1;
        return value;
    }
    if (is_letter(*at))
        return read_name(r);
    if (is_digit(*at) || *at == '.')
        return read_number(r);
    if (*at == '\'')
        return read_text(r);
    return fail_at(r, at, "expected a number, a name or '('");
}

static struct value read_unary(struct reading *r)
{
    skip_blanks(r);
    const char *at = r->at;
    if (++r->depth > DEPTH_MAX)
        return fail_at(r, at, "more than 32 levels are too deep");
    struct value value;
    if (*at == '!' && at[1] != '=') {
        r->at++;
        value = read_unary(r);
        value = truth(!mica_value_is_true(&value));
    } else if (*at == '-') {
        r->at++;
        value = read_unary(r);
        if (!mica_value_is_number(&value))
            value = fail_at(r, at, "only numbers have a minus");
        value = number(-value.number);
    } else {
        value = read_atom(r);
        skip_blanks(r);
        if (!r->failed && strncmp(r->at, "**", 2) == 0) {
            at = r->at;
            r->at += 2;
            struct value exponent = read_unary(r);
            value = raise(r, at, value, exponent);
        }
    }
    r->depth--;
    return value;
}

static const struct sign *find_sign(const char *at)
{
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(at, signs[i].text, strlen(signs[i].text)) == 0)
            return &signs[i];
    return NULL;
}

/* A chain of operators that bind at least as tightly as `level`, from left to right. */
static struct value read_chain(struct reading *r, int level)
{
    if (level > TIGHTEST)
        return read_unary(r);
    struct value left = read_chain(r, level + 1);
    for (;;) {
        skip_blanks(r);
        const char *at = r->at;
        const struct sign *sign = r->failed ? NULL : find_sign(at);
        if (sign == NULL || sign->level != level)
            return left;
        r->at += strlen(sign->text);
        /* the right side of || and && counts only where the left one leaves it open */
        bool decided = (sign->operation == OR && mica_value_is_true(&left)) ||
                       (sign->operation == AND && !mica_value_is_true(&left));
        r->dead += decided;
        struct value right = read_chain(r, level + 1);
        r->dead -= decided;
        left = decided ? truth(sign->operation == OR) : apply(r, sign, at, left, right);
    }
}

/* condition ? this : that */
static struct value read_choice(struct reading *r)
{
    if (++r->depth > DEPTH_MAX)
        return fail_at(r, r->at, "more than 32 levels are too deep");
    struct value condition = read_chain(r, 1);
    skip_blanks(r);
    if (!r->failed && *r->at == '?') {
        const char *at = r->at++;
        bool first = mica_value_is_true(&condition);
        r->dead += !first;
        struct value yes = read_choice(r);
        r->dead -= !first;
        skip_blanks(r);
        if (!r->failed && *r->at != ':')
            return fail_at(r, at, "there is no ':' for the '?'");
        r->at += r->failed ? 0 : 1;
        r->dead += first;
        struct value no = read_choice(r);
        r->dead -= first;
        condition = first ? yes : no;
    }
    r->depth--;
    return condition;
}

int mica_expression(const char *text, const struct binding *names, struct arena *arena,
                    struct value *value, struct error *err)
{
    struct reading r = {text, text, names, arena, err, 0, 0, false};
    if (strlen(text) > LENGTH_MAX)
        return mica_misuse(err, "an expression of more than %d characters is too long",
                           (int)LENGTH_MAX);
    *value = read_choice(&r);
    skip_blanks(&r);
    if (!r.failed && *r.at != '\0')
        fail_at(&r, r.at, "expected an operator");
    return r.failed ? -1 : 0;
}
