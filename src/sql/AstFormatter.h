#pragma once
// The state of one print: the text so far and, for the pretty form, the indentation. Internal to sql; the entry
// points are in sql/AstPrinter.h. One method per construct, by file: AstFormatterExpr.cpp, …Select.cpp,
// …Create.cpp, …Statement.cpp. Everything printed parses back to the same tree.

#include "sql/Statements.h"

#include <functional>

namespace mangrove
{

class AstFormatter
{
public:
    explicit AstFormatter(bool pretty) : pretty_(pretty) {}

    /// What may stand bare where an expression is printed.
    enum class Place : uint8_t
    {
        List,        /// anything, with its alias
        NoAlias,     /// an operator, but an alias only in brackets
        Operand,     /// neither
    };

    void expr(const Expr & expr, Place place);
    void exprList(const ExprList & list, Place place = Place::List);
    void window(const WindowSpec & window);
    void orderBy(const std::vector<OrderElement> & elements);

    void select(const SelectNode & node);
    void settings(const SettingChanges & settings);
    void tableExpression(const TableExpression & table);

    void create(const CreateQuery & create);
    void engine(const EngineDeclaration & engine);
    void column(const ColumnDeclaration & column);
    void index(const IndexDeclaration & index);
    void projection(const ProjectionDeclaration & projection);
    void constraint(const ConstraintDeclaration & constraint);
    void ttl(const std::vector<TtlElement> & elements);

    void alter(const AlterQuery & alter);
    void alterCommand(const AlterCommand & command);
    void statement(const Statement & statement);

    void add(std::string_view text) { out_ += text; }
    void name(std::string_view identifier) { out_ += quoteIdentifierIfNeeded(identifier); }
    void name(const QualifiedName & qualified);
    void cluster(const std::string & cluster_name);
    void partition(const PartitionAst & partition);
    std::string take() { return std::move(out_); }

private:
    void operation(const Expr & expr, bool & printed);
    void call(const Expr & expr);
    void transformers(const Expr & expr);
    void subqueryInBrackets(const SelectNode & node);
    void frameBound(const FrameBound & bound);
    void codec(const std::vector<CodecAst> & codecs);

    void selectQuery(const SelectQuery & query);
    void selectTail(const SelectQuery & query);
    void from(const std::vector<FromElement> & elements);
    void joinWords(const JoinSpec & join);
    void clauseList(std::string_view words, size_t count, const std::function<void(size_t)> & item);

    void columnsOfTable(const TableDeclaration & table);
    void show(const ShowQuery & show);
    void insert(const InsertQuery & insert);
    void drop(const DropQuery & drop);

    /// A space, or in the pretty form a new line.
    void separator();
    void newLineIfPretty();
    void objectWord(ObjectKind object);

    bool pretty_;
    int indent_ = 0;
    std::string out_;
};

}
