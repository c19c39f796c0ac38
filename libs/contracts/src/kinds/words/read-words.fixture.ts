import { join } from 'node:path';
import ts from 'typescript';

/** What is said of one kind where its types are declared. */
export interface WrittenWords {
  /** Of the kind itself. */
  readonly words: string;
  /** Of its fields, by path: `match.types`, `rules[].ports`, `backends.*.weight`. */
  readonly fields: Readonly<Record<string, string>>;
}

const REGISTRY = join(import.meta.dirname, '..', 'registry.ts');

/** Deeper than any kind is: where a type holds itself, reading ends. */
const MOST_LEVELS = 8;

/** Reads the doc comments of the types that the schemas of all kinds are made of, by the name of the kind. */
export function readWords(): Readonly<Record<string, WrittenWords>> {
  const program = ts.createProgram([REGISTRY], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
  });
  const checker = program.getTypeChecker();
  const all: Record<string, WrittenWords> = {};
  for (const file of program.getSourceFiles()) {
    if (file.isDeclarationFile) continue;
    file.forEachChild((node) => {
      const found = ts.isVariableStatement(node) ? kindIn(node) : undefined;
      if (!found) return;
      const fields: Record<string, string> = {};
      collect(checker, checker.getTypeFromTypeNode(found.spec), { path: '', words: '' }, fields, 0);
      all[found.name] = { words: docOf(checker, checker.getSymbolAtLocation(found.variable)), fields };
    });
  }
  return all;
}

interface FoundKind {
  readonly name: string;
  readonly spec: ts.TypeNode;
  readonly variable: ts.Node;
}

/** `const X: Kind = { kind: 'Name', schema: shape<Spec>(…) }` */
function kindIn(statement: ts.VariableStatement): FoundKind | undefined {
  const [declaration] = statement.declarationList.declarations;
  if (!declaration?.initializer || !ts.isObjectLiteralExpression(declaration.initializer)) return undefined;
  const members = new Map(
    declaration.initializer.properties.flatMap((one) =>
      ts.isPropertyAssignment(one) && ts.isIdentifier(one.name) ? [[one.name.text, one.initializer]] : [],
    ),
  );
  const [kind, schema] = [members.get('kind'), members.get('schema')];
  if (!kind || !ts.isStringLiteral(kind) || !schema || !ts.isCallExpression(schema)) return undefined;
  const spec = schema.typeArguments?.[0];
  return spec && { name: kind.text, spec, variable: declaration.name };
}

interface Place {
  readonly path: string;
  /** What is said of it. */
  readonly words: string;
}

function collect(
  checker: ts.TypeChecker,
  type: ts.Type,
  { path, words: above }: Place,
  fields: Record<string, string>,
  level: number,
): void {
  if (level > MOST_LEVELS) return;
  for (const one of variantsOf(checker, type)) {
    if (checker.isArrayType(one) || checker.isTupleType(one)) {
      const [of] = checker.getTypeArguments(one as ts.TypeReference);
      if (of) collect(checker, of, { path: `${path}[]`, words: above }, fields, level + 1);
      continue;
    }
    const values = checker.getIndexInfoOfType(one, ts.IndexKind.String)?.type;
    if (values) collect(checker, values, { path: `${path}.*`, words: above }, fields, level + 1);
    if (!(one.flags & ts.TypeFlags.Object)) continue;
    for (const member of checker.getPropertiesOfType(one)) {
      const at = path === '' ? member.name : `${path}.${member.name}`;
      // of a mapped type: nowhere is each of its members written
      const words = member.declarations ? docOf(checker, member) : above;
      if (words !== '' && !(fields[at] ?? '').includes(words))
        fields[at] = fields[at] ? `${fields[at]} ${words}` : words;
      collect(checker, checker.getTypeOfSymbol(member), { path: at, words }, fields, level + 1);
    }
  }
}

function variantsOf(checker: ts.TypeChecker, type: ts.Type): readonly ts.Type[] {
  const there = checker.getNonNullableType(type);
  return there.isUnion() ? there.types : [there];
}

/** In one line. */
function docOf(checker: ts.TypeChecker, symbol: ts.Symbol | undefined): string {
  return ts.displayPartsToString(symbol?.getDocumentationComment(checker)).replace(/\s+/g, ' ').trim();
}
