// Runs tests/sql/functions/*.sql (one "SELECT expression AS x, toTypeName(x)" a line, answers by ClickHouse in the .tsv
// beside it) on the functions alone, without parser or server: constants folded, as full columns, as LowCardinality
// strings, and with no rows. The expressions are calls, literals and lambdas: no operators.

#include "columns/ColumnLambda.h"
#include "columns/ColumnLowCardinality.h"
#include "functions/FunctionSpec.h"
#include "functions/callFunction.h"
#include "types/Serialization.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace mangrove
{

namespace
{

struct Node
{
    enum Kind { Literal, Call, Lambda, Name } kind = Literal;
    Field value;
    std::string name;
    std::vector<std::string> parameters; /// of a lambda
    std::vector<std::shared_ptr<Node>> arguments;
};
using NodePtr = std::shared_ptr<Node>;

NodePtr makeCall(std::string name, std::vector<NodePtr> arguments)
{
    auto node = std::make_shared<Node>();
    node->kind = Node::Call;
    node->name = std::move(name);
    node->arguments = std::move(arguments);
    return node;
}

class ExpressionReader
{
public:
    explicit ExpressionReader(std::string_view text) : text_(text) { }

    NodePtr readAll()
    {
        NodePtr node = readExpression();
        skipSpaces();
        if (position_ != text_.size())
            throw std::runtime_error("unexpected '" + std::string(text_.substr(position_)) + "'");
        return node;
    }

private:
    void skipSpaces()
    {
        while (position_ < text_.size() && text_[position_] == ' ')
            ++position_;
    }
    bool tryConsume(std::string_view token)
    {
        skipSpaces();
        if (!text_.substr(position_).starts_with(token))
            return false;
        position_ += token.size();
        return true;
    }
    void expect(std::string_view token)
    {
        if (!tryConsume(token))
            throw std::runtime_error("expected '" + std::string(token) + "' at '"
                + std::string(text_.substr(position_)) + "'");
    }
    std::vector<NodePtr> readList(std::string_view close)
    {
        std::vector<NodePtr> list;
        while (!tryConsume(close))
        {
            if (!list.empty())
                expect(",");
            if (tryConsume(close))
                break; /// (1,)
            list.push_back(readExpression());
        }
        return list;
    }
    NodePtr literal(Field value)
    {
        auto node = std::make_shared<Node>();
        node->value = std::move(value);
        return node;
    }
    NodePtr makeLambda(std::vector<std::string> parameters)
    {
        auto node = std::make_shared<Node>();
        node->kind = Node::Lambda;
        node->parameters = std::move(parameters);
        node->arguments = {readExpression()};
        return node;
    }
    NodePtr readExpression()
    {
        skipSpaces();
        if (position_ >= text_.size())
            throw std::runtime_error("expression expected");
        char c = text_[position_];
        if (c == '\'')
            return readString();
        if ((c >= '0' && c <= '9') || c == '-')
            return readNumber();
        if (tryConsume("["))
            return makeCall("array", readList("]"));
        if (tryConsume("("))
        {
            std::vector<NodePtr> list = readList(")");
            if (tryConsume("->"))
            {
                std::vector<std::string> parameters;
                for (const NodePtr & item : list)
                    parameters.push_back(item->name);
                return makeLambda(parameters);
            }
            return list.size() == 1 && text_[position_ - 2] != ',' ? list[0] : makeCall("tuple", list);
        }
        size_t begin = position_;
        while (position_ < text_.size() && (isalnum(text_[position_]) || text_[position_] == '_'))
            ++position_;
        std::string name(text_.substr(begin, position_ - begin));
        if (name.empty())
            throw std::runtime_error("unexpected '" + std::string(text_.substr(position_)) + "'");
        if (tryConsume("("))
            return makeCall(name, readList(")"));
        if (tryConsume("->"))
            return makeLambda({name});
        if (name == "NULL")
            return literal(Null{});
        if (name == "nan" || name == "inf")
            return literal(name == "nan" ? std::numeric_limits<double>::quiet_NaN()
                : std::numeric_limits<double>::infinity());
        if (name == "true" || name == "false")
            return makeCall("toBool", {literal(uint64_t{name == "true"})});
        auto node = std::make_shared<Node>();
        node->kind = Node::Name;
        node->name = name;
        return node;
    }
    NodePtr readString()
    {
        std::string value;
        for (++position_; position_ < text_.size() && text_[position_] != '\''; ++position_)
        {
            char c = text_[position_];
            if (c == '\\')
            {
                c = text_[++position_];
                c = c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c;
            }
            value += c;
        }
        expect("'");
        return literal(value);
    }
    NodePtr readNumber()
    {
        size_t begin = position_++;
        while (position_ < text_.size()
            && (isalnum(text_[position_]) || text_[position_] == '.'
                || (text_[position_] == '-' && text_[position_ - 1] == 'e')))
            ++position_;
        std::string number(text_.substr(begin, position_ - begin));
        if (number == "-inf")
            return literal(-std::numeric_limits<double>::infinity());
        if (number.find_first_of(".e") != std::string::npos)
            return literal(std::stod(number));
        if (number[0] == '-')
            return literal(static_cast<int64_t>(std::stoll(number)));
        return literal(static_cast<uint64_t>(std::stoull(number)));
    }

    std::string_view text_;
    size_t position_ = 0;
};

enum class Mode { Constants, FullColumns, LowCardinalityStrings };
using Scope = std::map<std::string, ColumnWithType>;

struct Evaluation
{
    Mode mode;
    size_t rows;

    ColumnWithType literal(const Field & value, size_t row_count, bool keep_constant) const
    {
        DataTypePtr type = literalType(value);
        ColumnPtr column = type->createConst(row_count, value);
        if (mode == Mode::Constants || keep_constant || value.isNull())
            return {column, type, ""};
        column = column->materialize();
        if (mode == Mode::LowCardinalityStrings && type->isString())
            return {ColumnLowCardinality::encode(*column), std::make_shared<DataTypeLowCardinality>(type), ""};
        return {column, type, ""};
    }

    ColumnWithType evaluate(const Node & node, const Scope & scope, size_t row_count, bool keep_constant) const
    {
        if (node.kind == Node::Literal)
            return literal(node.value, row_count, keep_constant);
        if (node.kind == Node::Name)
            return scope.at(node.name);
        FunctionPtr function = FunctionRegistry::instance().get(node.name);
        std::vector<size_t> constants = function->alwaysConstArguments();
        std::vector<ColumnWithType> arguments(node.arguments.size());
        DataTypes others;
        for (size_t i = 0; i < arguments.size(); ++i)
        {
            if (node.arguments[i]->kind == Node::Lambda)
                continue;
            bool constant = keep_constant || std::find(constants.begin(), constants.end(), i) != constants.end();
            arguments[i] = evaluate(*node.arguments[i], scope, row_count, constant);
            others.push_back(arguments[i].type);
        }
        if (!arguments.empty() && node.arguments[0]->kind == Node::Lambda)
            arguments[0] = lambda(*node.arguments[0], *function, others, scope, row_count);
        std::vector<ColumnWithType> header = arguments;
        for (auto & argument : header)
            if (argument.column->kind() != ColumnKind::Const)
                argument.column = nullptr;
        DataTypePtr type = resultType(*function, header);
        ColumnPtr column = callFunction(*function, arguments, type, row_count);
        if (column->size() != row_count)
            throw std::runtime_error(node.name + " gave " + std::to_string(column->size()) + " rows of "
                + std::to_string(row_count));
        if (column->materialize()->kind() != type->createColumn()->materialize()->kind())
            throw std::runtime_error(node.name + " gave a column " + column->name() + " for type " + type->name());
        return {column, type, ""};
    }

    ColumnWithType lambda(const Node & node, const Function & function, const DataTypes & others, const Scope & scope,
        size_t row_count) const
    {
        DataTypes types = function.lambdaArgumentTypes(others, node.parameters.size());
        Evaluation self = *this;
        auto evaluateBody = [self, types, node](const Columns & arguments, size_t elements)
        {
            Scope inner;
            for (size_t i = 0; i < types.size(); ++i)
                inner[node.parameters[i]] = {arguments[i], types[i], ""};
            return self.evaluate(*node.arguments[0], inner, elements, false);
        };
        Columns none;
        for (const DataTypePtr & type : types)
            none.push_back(type->createColumn());
        DataTypePtr result = evaluateBody(none, 0).type;
        auto body = [evaluateBody](const Columns &, const Columns & arguments, size_t elements)
            { return evaluateBody(arguments, elements).column; };
        return {std::make_shared<ColumnLambda>(Columns{}, types.size(), body, row_count),
            std::make_shared<DataTypeLambda>(types.size(), result), ""};
    }
};

std::string textOf(const ColumnWithType & value, size_t row)
{
    WriteBuffer out;
    serializationOf(value.type)->writeEscaped(*value.column, row, out, {});
    return out.take();
}

std::string escaped(const std::string & text)
{
    auto column = ColumnString::create();
    column->append(text);
    return textOf({column, makeType(TypeId::String), ""}, 0);
}

/// Found upwards from the working directory: the build directory is inside of the repository.
std::filesystem::path findCorpus()
{
    for (auto directory = std::filesystem::current_path(); ; directory = directory.parent_path())
    {
        if (std::filesystem::exists(directory / "tests/sql/functions"))
            return directory / "tests/sql/functions";
        if (directory == directory.root_path())
            return {};
    }
}

}

class SqlCorpus : public testing::TestWithParam<std::string>
{
};

TEST_P(SqlCorpus, SameAsClickHouse)
{
    const std::filesystem::path corpus = findCorpus();
    std::ifstream queries(corpus / (GetParam() + ".sql"));
    std::ifstream answers(corpus / (GetParam() + ".tsv"));
    std::string query;
    std::string answer;
    size_t lines = 0;
    const std::string prefix = "SELECT ";
    const std::string suffix = " AS x, toTypeName(x);";
    while (std::getline(queries, query) && std::getline(answers, answer))
    {
        ++lines;
        ASSERT_TRUE(query.starts_with(prefix) && query.ends_with(suffix)) << query;
        std::string expression = query.substr(prefix.size(), query.size() - prefix.size() - suffix.size());
        try
        {
            NodePtr node = ExpressionReader(expression).readAll();
            ColumnWithType constant = Evaluation{Mode::Constants, 1}.evaluate(*node, {}, 1, false);
            ColumnWithType full{constant.column->materialize(), constant.type, ""};
            std::string got = textOf({full.column, removeLowCardinality(full.type), ""}, 0);
            EXPECT_EQ(got + "\t" + escaped(full.type->name()), answer) << expression;
            for (Mode mode : {Mode::FullColumns, Mode::LowCardinalityStrings})
            {
                ColumnWithType value = Evaluation{mode, 3}.evaluate(*node, {}, 3, false);
                value.column = value.column->materialize();
                value.type = removeLowCardinality(value.type);
                for (size_t row = 0; row < 3; ++row)
                    EXPECT_EQ(textOf(value, row), got) << expression << (mode == Mode::FullColumns ? " (full columns)"
                        : " (LowCardinality)");
                EXPECT_EQ(Evaluation({mode, 0}).evaluate(*node, {}, 0, false).column->size(), 0u);
            }
        }
        catch (const Exception & e)
        {
            ADD_FAILURE() << expression << ": " << e.message();
        }
        catch (const std::exception & e)
        {
            ADD_FAILURE() << expression << ": " << e.what();
        }
    }
    EXPECT_GT(lines, 0u);
}

std::vector<std::string> corpusFiles()
{
    setenv("TZ", "UTC", 1);
    std::vector<std::string> names;
    if (const std::filesystem::path corpus = findCorpus(); !corpus.empty())
        for (const auto & entry : std::filesystem::directory_iterator(corpus))
            if (entry.path().extension() == ".sql")
                names.push_back(entry.path().stem());
    std::sort(names.begin(), names.end());
    return names;
}

INSTANTIATE_TEST_SUITE_P(Functions, SqlCorpus, testing::ValuesIn(corpusFiles()),
    [](const auto & info) { return info.param; });

}
